import { expect, it } from 'vitest'
import { clientFromRegistration } from '../../src/client-auth/registered-client.ts'
import { scryptMatches } from '../../src/crypto.ts'
import type { SecretCredential } from '../../src/index.ts'
import { CHOSEN, REPORTS } from '../test-server.ts'

const KEYS = { kind: 'jwks_uri', id: 'jwks_uri', uri: 'https://keys.example/jwks' } as const

it('hashes what is in clear, keeps what is hashed, and gives each credential an id', async () => {
  const client = await clientFromRegistration({
    definition: { id: 'reports' },
    secrets: [
      { value: 'a secret', expiresAt: 100 },
      { hash: CHOSEN.hash, notBefore: 100, label: 'from then on' },
      { value: REPORTS.secret },
    ],
    credentials: [KEYS],
  })
  const [first, ...others] = client.credentials
  expect(others).toEqual([
    { kind: 'secret', id: 'secret-2', hash: CHOSEN.hash, notBefore: 100, label: 'from then on' },
    { kind: 'secret', id: REPORTS.credentialId, hash: REPORTS.hash },
    KEYS,
  ])
  expect(first).toMatchObject({ kind: 'secret', id: 'secret', expiresAt: 100 })
  expect(await scryptMatches('a secret', (first as SecretCredential).hash)).toBe(true)
})

it('names the client and the fault of what the domain refuses', async () => {
  await expect(
    clientFromRegistration({ definition: { id: 'reports', defaultScopes: ['read'] }, secrets: [], credentials: [] }),
  ).rejects.toThrow('client "reports": default scope "read" is not among its scopes')
})
