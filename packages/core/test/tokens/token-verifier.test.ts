import { describe, expect, it } from 'vitest'
import { createTestServer, NOW, reports, stranger, tokenOf } from '../test-server.ts'

describe('verifyAccessToken', () => {
  it('gives the record and the client of an active token', async () => {
    const test = createTestServer()
    const token = await tokenOf(test, 'read write')
    const verdict = await test.server.verifyAccessToken({ token, scopes: ['read'] })
    expect(verdict).toMatchObject({
      ok: true,
      record: { clientId: 'reports', subject: 'reports', scopes: ['read', 'write'], issuedAt: NOW },
      client: { id: 'reports' },
    })
    expect(await test.server.verifyAccessToken({ token })).toMatchObject({ ok: true })
  })

  it('wants every scope, and says when one is missing', async () => {
    const test = createTestServer()
    const token = await tokenOf(test, 'read')
    for (const scopes of [['write'], ['read', 'write'], ['rea'], ['read ']])
      expect(await test.server.verifyAccessToken({ token, scopes })).toEqual({ ok: false, error: 'insufficient_scope' })
  })

  it.each([
    ['expired', (test: Test) => (test.clock.seconds = NOW + 3600)],
    ['of a client that was disabled', (test: Test) => test.clients.set('reports', reports({ enabled: false }))],
    ['of a client that was removed', (test: Test) => test.clients.delete('reports')],
    ['void', (test: Test) => test.clients.set('reports', reports({ tokensValidFrom: NOW + 1 }))],
    ['revoked', (test: Test) => test.revoked.set([...test.tokens.keys()][0] ?? '', NOW)],
    ['forgotten', (test: Test) => test.tokens.clear()],
  ])('refuses a token that is %s, whatever scopes are asked for', async (_, change) => {
    const test = createTestServer()
    const token = await tokenOf(test, 'read')
    change(test)
    for (const scopes of [undefined, ['write']])
      expect(await test.server.verifyAccessToken({ token, scopes })).toEqual({ ok: false, error: 'invalid_token' })
  })

  it('asks the store for nothing that cannot be a token', async () => {
    const test = createTestServer([reports(), stranger()])
    for (const token of ['', 'made-up', 'lk_at_', '\ud800', 'x'.repeat(100_000)])
      expect(await test.server.verifyAccessToken({ token })).toEqual({ ok: false, error: 'invalid_token' })
    expect(test.asked).toEqual([])
  })
})

type Test = ReturnType<typeof createTestServer>
