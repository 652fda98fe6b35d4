import { describe, expect, it } from 'vitest'
import { formOf, revokeTokensOfClient } from '../../src/index.ts'
import { asReports, createTestServer, GRANT, NOW, type reports, respond, tokenOf } from '../test-server.ts'

describe('a request to an API', () => {
  it('RFC 6750 §2.1 · N1 · reads a token in the Authorization header, and nowhere else', async () => {
    const test = createTestServer()
    const token = await tokenOf(test, 'read')
    expect(await test.server.verifyBearer({ authorization: `Bearer ${token}`, scopes: ['read'] })).toMatchObject({
      ok: true,
    })
    // There is no way to hand in a form or a query: whoever reads a token there does so alone.
    const elsewhere = {
      authorization: undefined,
      form: formOf({ access_token: token }),
      query: `access_token=${token}`,
    }
    expect(await test.server.verifyBearer(elsewhere)).toMatchObject({ ok: false, status: 401 })
  })

  it.each([undefined, '', 'Basic cmVwb3J0czp4', 'Digest x'])(
    'RFC 6750 §3.1 · N3 · tells who shows no token how to authenticate, and names no error: %j',
    async (authorization) => {
      const verdict = await createTestServer().server.verifyBearer({ authorization, scopes: ['read'] })
      expect(verdict).toMatchObject({ ok: false, status: 401 })
      expect(verdict).not.toHaveProperty('error')
      expect(verdict).toHaveProperty(
        ['headers', 'www-authenticate'],
        expect.stringMatching(/^Bearer(?: realm="[^"]*")?$/),
      )
    },
  )

  it.each(['made-up', 'lk_at_', 'x'.repeat(55)])(
    'RFC 6750 §3.1 · N4 · answers what is no token with 401 invalid_token: %s',
    async (token) => {
      const verdict = await createTestServer().server.verifyBearer({ authorization: `Bearer ${token}` })
      expect(verdict).toMatchObject({ ok: false, status: 401, error: 'invalid_token' })
      expect(verdict).toHaveProperty(
        ['headers', 'www-authenticate'],
        expect.stringMatching(/^Bearer .*error="invalid_token"/),
      )
    },
  )

  it('RFC 6750 §3.1 · N4 · answers an expired token with 401 invalid_token', async () => {
    const test = createTestServer()
    const authorization = `Bearer ${await tokenOf(test)}`
    test.clock.seconds = NOW + 3600
    expect(await test.server.verifyBearer({ authorization })).toMatchObject({ status: 401, error: 'invalid_token' })
  })

  it('RFC 6750 §3.1 · N4 · answers a revoked token with 401 invalid_token', async () => {
    const test = createTestServer()
    const token = await tokenOf(test)
    await test.server.revoke(asReports({ token }))
    expect(await test.server.verifyBearer({ authorization: `Bearer ${token}` })).toMatchObject({
      status: 401,
      error: 'invalid_token',
    })
  })

  it('RFC 6750 §3.1 · N4 · answers a token that lacks a scope with 403, and says which are needed', async () => {
    const test = createTestServer()
    const authorization = `Bearer ${await tokenOf(test, 'read')}`
    const verdict = await test.server.verifyBearer({ authorization, scopes: ['read', 'write'] })
    expect(verdict).toMatchObject({ ok: false, status: 403, error: 'insufficient_scope' })
    expect(verdict).toHaveProperty(
      ['headers', 'www-authenticate'],
      expect.stringMatching(/^Bearer .*error="insufficient_scope", scope="read write"$/),
    )
  })

  it('RFC 6750 §3.1 · N4 · answers a void token with 401, though it lacks a scope as well', async () => {
    const test = createTestServer()
    const authorization = `Bearer ${await tokenOf(test, 'read')}`
    const clients = {
      find: async (id: string) => test.clients.get(id),
      add: async () => false,
      async replace(client: ReturnType<typeof reports>) {
        test.clients.set(client.id, client)
        test.clock.seconds += 1
        return true
      },
      remove: async () => false,
      list: async () => ({ clients: [] }),
    }
    await revokeTokensOfClient({ clients, clock: test.clock }, 'reports')
    expect(await test.server.verifyBearer({ authorization, scopes: ['write'] })).toMatchObject({
      status: 401,
      error: 'invalid_token',
    })
  })
})

describe('the token endpoint', () => {
  it('RFC 6750 §2.1 · C1, E3 · issues bearer tokens, and takes none for a client’s authentication', async () => {
    const test = createTestServer()
    const { access_token, token_type } = await test.server.token(asReports(GRANT))
    expect(token_type).toBe('Bearer')
    const bearer = { authorization: `Bearer ${access_token}`, form: formOf({ ...GRANT, client_id: 'reports' }) }
    expect((await respond(test.server.token(bearer))).status).toBe(401)
    expect((await respond(test.server.revoke(bearer) as Promise<undefined>)).status).toBe(401)
  })
})
