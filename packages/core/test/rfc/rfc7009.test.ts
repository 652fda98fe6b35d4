import { describe, expect, it } from 'vitest'
import { formOf } from '../../src/index.ts'
import {
  asReports,
  asStranger,
  basic,
  createTestServer,
  NOW,
  nextTurn,
  posted,
  REPORTS,
  refusalOf,
  respond,
  STRANGER,
  type TestServer,
  tokenOf,
} from '../test-server.ts'

const EMPTY = { status: 200, headers: { 'cache-control': 'no-store', pragma: 'no-cache' }, body: '' }
const revoke = ({ server }: TestServer, ...request: Parameters<typeof asReports>) =>
  respond(server.revoke(asReports(...request)))
const isActive = async ({ server }: TestServer, token: string) => (await server.introspect(asReports({ token }))).active

describe('revocation', () => {
  it('RFC 7009 §2.1 · J1 · answers a client that fails to authenticate with 401, never with 200', async () => {
    const test = createTestServer()
    const token = await tokenOf(test)
    for (const request of [
      posted({ token }),
      posted({ token, client_id: 'reports' }),
      posted({ token, client_id: 'reports', client_secret: STRANGER.secret }),
      { authorization: basic('reports', STRANGER.secret), form: formOf({ token }) },
      { authorization: `Bearer ${token}`, form: formOf({ token }) },
    ])
      expect(await refusalOf(test.server.revoke(request))).toBe('401 invalid_client')
    expect(await isActive(test, token)).toBe(true)
  })

  it('RFC 7009 §2.2 · J2 · answers success with 200 and an empty body', async () => {
    const test = createTestServer()
    const token = await tokenOf(test)
    expect(await revoke(test, { token })).toEqual(EMPTY)
    const other = await tokenOf(test)
    expect(
      await respond(test.server.revoke(posted({ token: other, client_id: 'reports', client_secret: REPORTS.secret }))),
    ).toEqual(EMPTY)
    expect([await isActive(test, token), await isActive(test, other)]).toEqual([false, false])
  })

  it.each(['made-up', 'lk_at_', '\ud800', 'eyJhbGciOiJub25lIn0.e30.', 'x'.repeat(16_384)])(
    'RFC 7009 §2.2 · J2 · answers what is no token as success',
    async (token) => {
      expect(await revoke(createTestServer(), { token })).toEqual(EMPTY)
    },
  )

  it('RFC 7009 §2.2 · J2 · answers a token that nobody knows as success', async () => {
    expect(await revoke(createTestServer(), { token: await tokenOf(createTestServer()) })).toEqual(EMPTY)
  })

  it('RFC 7009 §2.1 · J3 · makes the token inactive before it answers', async () => {
    const order: string[] = []
    let store = () => {}
    const test = createTestServer(undefined, ({ tokens }) => ({
      tokens: {
        ...tokens,
        revoke: (...what) => new Promise((resolve) => (store = () => resolve(tokens.revoke(...what)))),
      },
    }))
    const token = await tokenOf(test)
    const answer = revoke(test, { token }).then(() => order.push('answered'))
    await nextTurn()
    order.push('stored')
    store()
    await answer
    expect(order).toEqual(['stored', 'answered'])
    expect(await isActive(test, token)).toBe(false)
    expect(await test.server.verifyBearer({ authorization: `Bearer ${token}` })).toMatchObject({
      error: 'invalid_token',
    })
  })

  it('RFC 7009 §2.1 · J4 · answers a request without a token with invalid_request', async () => {
    const { server } = createTestServer()
    for (const form of [{}, { token: '' }, { token_type_hint: 'access_token' }])
      expect(await refusalOf(server.revoke(asReports(form)))).toBe('400 invalid_request')
  })

  it.each(['access_token', 'refresh_token', 'nonsense', '__proto__'])(
    'RFC 7009 §2.2.1 · J4 · does not mind the hint %s',
    async (token_type_hint) => {
      const test = createTestServer()
      const token = await tokenOf(test)
      expect(await revoke(test, { token, token_type_hint })).toEqual(EMPTY)
      expect(await isActive(test, token)).toBe(false)
    },
  )

  it('RFC 7009 §2.2.1 · J6, D15 · answers 503 when the token could not be revoked, and never 200', async () => {
    const test = createTestServer(undefined, ({ tokens }) => ({
      tokens: { ...tokens, revoke: () => Promise.reject(new Error('away')) },
    }))
    const token = await tokenOf(test)
    const { status, headers } = await revoke(test, { token })
    expect([status, headers['retry-after']]).toEqual([503, '2'])
    expect(await isActive(test, token)).toBe(true)
  })

  it('RFC 7009 §2.2.1 · J6, D15 · answers 503 when it could not be looked up', async () => {
    const test = createTestServer(undefined, ({ tokens }) => ({
      tokens: { ...tokens, find: () => Promise.reject(new Error('away')) },
    }))
    expect((await revoke(test, { token: await tokenOf(test) })).status).toBe(503)
    expect((await revoke(test, { token: 'made-up' })).status).toBe(200)
  })

  it('RFC 7009 §2.2 · J7 · answers the second revocation, and that of an expired token, with 200', async () => {
    const test = createTestServer()
    const token = await tokenOf(test)
    const expired = await tokenOf(test)
    expect([await revoke(test, { token }), await revoke(test, { token })]).toEqual([EMPTY, EMPTY])
    test.clock.seconds = NOW + 3600
    expect(await revoke(test, { token: expired })).toEqual(EMPTY)
  })

  it('RFC 7009 §2.1 · J8, D14 · answers a token of another client as if nobody knew it, leaves it, and tells the operator', async () => {
    const test = createTestServer()
    const token = await tokenOf(test)
    expect(await respond(test.server.revoke(asStranger({ token })))).toEqual(EMPTY)
    expect(await isActive(test, token)).toBe(true)
    expect(test.revoked.size).toBe(0)
    expect(await test.events()).toMatchObject([
      { type: 'token_issued' },
      { type: 'revocation_ignored', clientId: 'stranger', ownerId: 'reports' },
    ])
  })

  it('RFC 7009 §2.1 · D24 · keeps a revocation 120 seconds longer than the token lives', async () => {
    const test = createTestServer()
    await revoke(test, { token: await tokenOf(test) })
    expect([...test.revoked.values()]).toEqual([NOW + 3600 + 120])
  })
})
