import { describe, expect, it } from 'vitest'
import { type Client, type ClientDefinition, defineClient, type EndpointRequest, formOf } from '../../src/index.ts'
import {
  asReports,
  asStranger,
  basic,
  createTestServer,
  credentialOf,
  GRANT,
  ISSUER,
  NOW,
  posted,
  REPORTS,
  refusalOf,
  reports,
  respond,
  STRANGER,
  stranger,
  type TestServer,
  tokenOf,
} from '../test-server.ts'

const INACTIVE = '{"active":false}'
const bodyOf = async (outcome: Promise<object>) => (await respond(outcome)).body

/** The API that guards something, and what a token of it opens. */
const guard = (more: Partial<ClientDefinition> = {}): Client =>
  defineClient({
    id: 'guard',
    credentials: [credentialOf(STRANGER)],
    scopes: { introspect: true, other: true },
    introspect: 'any',
    ...more,
  })
const asGuard = (form: Record<string, string>): EndpointRequest => ({
  authorization: basic('guard', STRANGER.secret),
  form: formOf(form),
})
const openerOf = async ({ server }: TestServer, scope = 'introspect') =>
  (await server.token(asGuard({ ...GRANT, scope }))).access_token
const byBearer = (bearer: string, form: Record<string, string>): EndpointRequest => ({
  authorization: `Bearer ${bearer}`,
  form: formOf(form),
})

describe('who asks', () => {
  it('RFC 7662 §2.1 · I1 · wants the caller to authenticate, as at the token endpoint', async () => {
    const test = createTestServer()
    const token = await tokenOf(test)
    for (const request of [
      posted({ token }),
      posted({ token, client_id: 'reports' }),
      posted({ token, client_id: 'reports', client_secret: STRANGER.secret }),
      { authorization: basic('reports', STRANGER.secret), form: formOf({ token }) },
      { authorization: 'Digest x', form: formOf({ token }) },
    ])
      expect(await refusalOf(test.server.introspect(request))).toBe('401 invalid_client')
    const body = posted({ token, client_id: 'reports', client_secret: REPORTS.secret })
    for (const request of [asReports({ token }), body])
      expect(await test.server.introspect(request)).toMatchObject({ active: true })
  })

  it('RFC 7662 §2.1 · I1 · takes a bearer token with the scope introspect, of a client that may introspect any, in the place of it', async () => {
    const test = createTestServer([reports(), guard()])
    const token = await tokenOf(test)
    expect(await test.server.introspect(byBearer(await openerOf(test), { token }))).toMatchObject({ active: true })
    expect(await test.server.introspect(byBearer(await openerOf(test), { token, client_id: 'guard' }))).toMatchObject({
      active: true,
    })
  })

  it.each([
    ['without the scope', guard(), 'other', 0],
    ['of a client that may introspect its own alone', guard({ introspect: 'own' }), 'introspect', 0],
    ['that has expired', guard({ accessTokenLifetimeSeconds: 1 }), 'introspect', 1],
  ])('RFC 6750 §3.1 · I1 · answers a bearer token %s with 401 invalid_token', async (_, client, scope, later) => {
    const test = createTestServer([reports(), client])
    const request = byBearer(await openerOf(test, scope), { token: await tokenOf(test) })
    test.clock.seconds += later
    const { status, headers, body } = await respond(test.server.introspect(request))
    expect([status, body]).toEqual([
      401,
      '{"error":"invalid_token","error_description":"the bearer token does not open this endpoint"}',
    ])
    expect(headers['www-authenticate']).toMatch(/^Bearer .*error="invalid_token"/)
  })

  it.each(['made-up', '', 'a b', 'lk_at_'])(
    'RFC 6750 §3.1 · I1 · answers the bearer token %j with 401 invalid_token',
    async (bearer) => {
      const test = createTestServer()
      const { status, headers } = await respond(
        test.server.introspect(byBearer(bearer, { token: await tokenOf(test) })),
      )
      expect([status, headers['www-authenticate']]).toEqual([
        401,
        expect.stringMatching(/^Bearer .*error="invalid_token"/),
      ])
    },
  )

  it('RFC 7662 §2.1 · I1 · does not let a token vouch for itself', async () => {
    const test = createTestServer([guard()])
    const token = await openerOf(test)
    expect(await refusalOf(test.server.introspect(byBearer(token, { token })))).toBe('401 invalid_token')
    expect(test.asked.filter((question) => question.startsWith('tokens.find'))).toEqual([])
    expect(await test.server.introspect(byBearer(await openerOf(test), { token }))).toMatchObject({ active: true })
  })

  it('RFC 6749 §2.3 · I1, C1, C2 · refuses a bearer token beside a secret, or beside the id of another', async () => {
    const test = createTestServer([reports(), guard()])
    const bearer = await openerOf(test)
    for (const form of [
      { client_id: 'guard', client_secret: STRANGER.secret },
      { client_secret: 'x' },
      { client_id: 'reports' },
    ])
      expect(
        await refusalOf(test.server.introspect(byBearer(bearer, { token: 'x', ...form } as Record<string, string>))),
      ).toBe('400 invalid_request')
  })
})

describe('what is asked', () => {
  it('RFC 7662 §2.1 · I2 · answers a request without a token with invalid_request', async () => {
    const { server } = createTestServer()
    for (const form of [{}, { token: '' }, { token_type_hint: 'access_token' }])
      expect(await refusalOf(server.introspect(asReports(form as Record<string, string>)))).toBe('400 invalid_request')
  })

  it.each(['access_token', 'refresh_token', 'nonsense', 'constructor'])(
    'RFC 7662 §2.1 · I5 · answers the same whatever the hint says: %s',
    async (token_type_hint) => {
      const test = createTestServer()
      const token = await tokenOf(test)
      expect(await test.server.introspect(asReports({ token, token_type_hint }))).toEqual(
        await test.server.introspect(asReports({ token })),
      )
      expect(await bodyOf(test.server.introspect(asReports({ token: 'x', token_type_hint })))).toBe(INACTIVE)
    },
  )
})

describe('what is answered', () => {
  const reasons: readonly [string, (test: TestServer, token: string) => unknown][] = [
    ['unknown', ({ tokens }) => tokens.clear()],
    ['expired', ({ clock }) => (clock.seconds = NOW + 3600)],
    ['revoked', ({ server }, token) => server.revoke(asReports({ token }))],
    ['void', ({ clients }) => clients.set('reports', reports({ tokensValidFrom: NOW + 1, introspect: 'any' }))],
  ]
  it.each(reasons)(
    'RFC 7662 §2.2 · I3 · answers exactly {"active":false} about a token that is %s',
    async (_, change) => {
      const test = createTestServer()
      const token = await tokenOf(test)
      await change(test, token)
      expect(await respond(test.server.introspect(asReports({ token })))).toEqual({
        status: 200,
        headers: { 'content-type': 'application/json', 'cache-control': 'no-store', pragma: 'no-cache' },
        body: INACTIVE,
      })
    },
  )

  it.each(['made-up', 'lk_at_', 'eyJhbGciOiJub25lIn0.e30.', '\0', '\ud800', 'x'.repeat(16_384)])(
    'RFC 7662 §2.2 · I3 · answers exactly {"active":false} about what is no token, without asking the store',
    async (token) => {
      const test = createTestServer()
      expect(await bodyOf(test.server.introspect(asReports({ token })))).toBe(INACTIVE)
      expect(test.asked).toEqual(['clients.find reports'])
    },
  )

  it('RFC 7662 §2.2 · I3 · answers exactly {"active":false} about a token that is not the caller’s business', async () => {
    const test = createTestServer()
    expect(await bodyOf(test.server.introspect(asStranger({ token: await tokenOf(test) })))).toBe(INACTIVE)
  })

  it('RFC 7662 §2.2 · I4 · tells of an active token what it was issued with, in the types of the specification', async () => {
    const test = createTestServer()
    const token = await tokenOf(test, 'write read')
    test.clock.seconds += 60
    expect(JSON.parse(await bodyOf(test.server.introspect(asReports({ token }))))).toEqual({
      active: true,
      scope: 'write read',
      client_id: 'reports',
      token_type: 'Bearer',
      exp: NOW + 3600,
      iat: NOW,
      sub: 'reports',
      aud: ISSUER,
      iss: ISSUER,
      jti: [...test.tokens.keys()][0],
    })
  })

  it('RFC 7662 §2.2 · I4 · tells of no scope where there is none, and of a list of audiences where there are several', async () => {
    const test = createTestServer([reports({ scopes: {} })])
    const { value, record } = await test.server.createToken({ client: reports(), scopes: [] })
    await test.server.storeToken({ record: { ...record, audience: ['https://a.example', 'https://b.example'] } })
    const answer = await test.server.introspect(asReports({ token: value }))
    expect(answer).toMatchObject({ active: true, aud: ['https://a.example', 'https://b.example'] })
    expect(answer).not.toHaveProperty('scope')
  })

  it('RFC 7662 §4 · I6 · tells what storage says, and asks it each time', async () => {
    const test = createTestServer()
    const token = await tokenOf(test)
    const [id, record] = [...test.tokens][0] ?? []
    if (id === undefined || record === undefined) throw new Error('nothing was stored')
    test.tokens.set(id, { ...record, subject: 'changed', scopes: ['changed'] })
    expect(await test.server.introspect(asReports({ token }))).toMatchObject({ sub: 'changed', scope: 'changed' })
  })

  it.each([
    ['disabled', ({ clients }: TestServer) => clients.set('reports', reports({ enabled: false }))],
    ['deleted', ({ clients }: TestServer) => clients.delete('reports')],
  ])('RFC 7662 §4 · I7, D30 · answers {"active":false} as soon as the client is %s', async (_, change) => {
    const test = createTestServer([reports(), guard()])
    const token = await tokenOf(test)
    expect(await test.server.introspect(asGuard({ token }))).toMatchObject({ active: true })
    change(test)
    expect(await bodyOf(test.server.introspect(asGuard({ token })))).toBe(INACTIVE)
  })
})

describe('who may learn of a token', () => {
  it('RFC 7662 §2.2 · D12 · tells the client to which the token was issued', async () => {
    const test = createTestServer()
    expect(await test.server.introspect(asReports({ token: await tokenOf(test) }))).toMatchObject({ active: true })
  })

  it('RFC 7662 §4 · D12 · tells a client that may introspect any', async () => {
    const test = createTestServer([reports(), stranger({ introspect: 'any' })])
    expect(await test.server.introspect(asStranger({ token: await tokenOf(test) }))).toMatchObject({ active: true })
  })

  it.each([
    ['the one audience of the token', [ISSUER], true],
    ['an audience of the token among others', ['https://x.example', ISSUER], true],
    ['another audience', ['https://x.example'], false],
    ['what only begins like the audience', [`${ISSUER}/`, ISSUER.slice(0, -1)], false],
    ['no audience', [], false],
  ])(
    'RFC 7662 §4 · D12 · tells a client that serves an audience of the token, and no other: %s',
    async (_, resourceServerFor, active) => {
      const test = createTestServer([reports(), stranger({ resourceServerFor })])
      expect((await test.server.introspect(asStranger({ token: await tokenOf(test) }))).active).toBe(active)
    },
  )
})

describe('when the backend fails', () => {
  it('RFC 7662 §2.2 · D16 · answers 503 when the storage fails, never {"active":false}', async () => {
    const broken = (method: 'clients' | 'tokens') =>
      createTestServer(undefined, (honest) =>
        method === 'tokens'
          ? { tokens: { ...honest.tokens, find: () => Promise.reject(new Error('away')) } }
          : { clients: { find: () => Promise.reject(new Error('away')) } },
      )
    const token = await tokenOf(createTestServer())
    for (const { server } of [broken('tokens'), broken('clients')]) {
      const { status, headers, body } = await respond(server.introspect(asReports({ token })))
      expect([status, headers['retry-after']]).toEqual([503, '2'])
      expect(body).not.toContain('active')
    }
  })

  it('RFC 7662 §2.2 · D16 · answers 503 when the token’s client cannot be read though the caller is known', async () => {
    let failing = false
    const test = createTestServer([reports(), guard()], ({ clients }) => ({
      clients: { find: (id) => (failing && id === 'reports' ? Promise.reject(new Error('away')) : clients.find(id)) },
    }))
    const token = await tokenOf(test)
    failing = true
    expect(await refusalOf(test.server.introspect(asGuard({ token })))).toBe('503 temporarily_unavailable')
  })
})
