import { expect, it } from 'vitest'
import { asReports, asStranger, createTestServer, NOW, REPORTS, STRANGER, tokenOf } from '../test-server.ts'

it('tells of a revocation, and of one that was ignored because the token is another’s', async () => {
  const test = createTestServer()
  const token = await tokenOf(test)
  const tokenId = [...test.tokens.keys()][0]
  await test.server.revoke({ ...asStranger({ token }), requestId: 'r-1' })
  await test.server.revoke({ ...asReports({ token }), requestId: 'r-2' })
  const [, ...told] = await test.events()
  expect(told).toEqual([
    {
      type: 'revocation_ignored',
      at: NOW,
      requestId: 'r-1',
      clientId: 'stranger',
      credentialId: STRANGER.credentialId,
      tokenId,
      ownerId: 'reports',
    },
    {
      type: 'token_revoked',
      at: NOW,
      requestId: 'r-2',
      clientId: 'reports',
      credentialId: REPORTS.credentialId,
      tokenId,
    },
  ])
  expect(JSON.stringify(told)).not.toContain(token)
})

it('tells of nothing, and writes nothing, for a token that nobody knows', async () => {
  const test = createTestServer()
  const unknown = await tokenOf(createTestServer())
  for (const token of ['made-up', unknown]) await test.server.revoke(asReports({ token }))
  expect([await test.events(), test.revoked.size]).toEqual([[], 0])
})
