import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { guardClients, guardTokens } from '../src/guarded-ports.ts'
import type { AccessTokenRecord, AuthorizationServerOptions, Client, EndpointRequest } from '../src/index.ts'
import { OAuthError } from '../src/index.ts'
import {
  asReports,
  createTestServer,
  GRANT,
  posted,
  REPORTS,
  refusalOf,
  reports,
  respond,
  tokenOf,
} from './test-server.ts'

const FAILURES: readonly [string, () => Promise<never>][] = [
  ['rejects', () => Promise.reject(new Error('connection refused'))],
  ['rejects with no error', () => Promise.reject('away' as unknown as Error)],
  ['rejects with undefined', () => Promise.reject(undefined as unknown as Error)],
  [
    'throws before it answers',
    () => {
      throw new Error('connection refused')
    },
  ],
  ['rejects with an error of the protocol', () => Promise.reject(new OAuthError('invalid_client', 'who are you'))],
  [
    'rejects with an error of the protocol that looks harmless',
    () => Promise.reject(new OAuthError('invalid_token', 'no', { status: 200 })),
  ],
]
const UNAVAILABLE = '503 temporarily_unavailable'

/** A server whose backend breaks after it has issued a token. */
async function brokenBy(breaks: (honest: AuthorizationServerOptions) => Partial<AuthorizationServerOptions>) {
  let broken: Partial<AuthorizationServerOptions> = {}
  const test = createTestServer(
    [reports({ introspect: 'any', scopes: { introspect: true, read: true } })],
    (honest) => {
      broken = breaks(honest)
      return {
        clients: { find: (id) => (armed ? (broken.clients ?? honest.clients) : honest.clients).find(id) },
        tokens: {
          save: (record) => (armed ? (broken.tokens ?? honest.tokens) : honest.tokens).save(record),
          find: (id) => (armed ? (broken.tokens ?? honest.tokens) : honest.tokens).find(id),
          revoke: (id, at) => (armed ? (broken.tokens ?? honest.tokens) : honest.tokens).revoke(id, at),
          isRevoked: (id) => honest.tokens.isRevoked(id),
        },
      }
    },
  )
  let armed = false
  const token = await tokenOf(test, 'read')
  const opener = await tokenOf(test, 'introspect')
  armed = true
  const { server } = test
  const everything: Record<string, () => Promise<unknown>> = {
    token: () => server.token(asReports(GRANT)),
    introspect: () => server.introspect(asReports({ token })),
    'introspect by bearer': () => server.introspect({ authorization: `Bearer ${opener}`, ...posted({ token }) }),
    revoke: () => server.revoke(asReports({ token })),
    verifyBearer: () => server.verifyBearer({ authorization: `Bearer ${token}` }),
    verifyAccessToken: () => server.verifyAccessToken({ token }),
    verifyClient: () => server.verifyClient({ clientId: 'reports', clientSecret: REPORTS.secret }),
    storeToken: async () => server.storeToken(await server.createToken({ client: reports(), scopes: [] })),
  }
  return { ...test, token, everything }
}

describe.each(FAILURES)('a backend that %s', (_, fail) => {
  it.each([
    'token',
    'introspect',
    'introspect by bearer',
    'revoke',
    'verifyBearer',
    'verifyAccessToken',
    'verifyClient',
  ])('makes %s answer 503 when it is asked for a client', async (name) => {
    const { everything } = await brokenBy(() => ({ clients: { find: fail } }))
    expect(await refusalOf(everything[name]?.() ?? Promise.resolve())).toBe(UNAVAILABLE)
  })

  it.each(['introspect', 'introspect by bearer', 'revoke', 'verifyBearer', 'verifyAccessToken'])(
    'makes %s answer 503 when it is asked for a token',
    async (name) => {
      const { everything } = await brokenBy(({ tokens }) => ({ tokens: { ...tokens, find: fail } }))
      expect(await refusalOf(everything[name]?.() ?? Promise.resolve())).toBe(UNAVAILABLE)
    },
  )

  it.each(['token', 'storeToken'])('makes %s answer 503 when a token is to be saved', async (name) => {
    const { everything, tokens } = await brokenBy((honest) => ({ tokens: { ...honest.tokens, save: fail } }))
    const before = tokens.size
    expect(await refusalOf(everything[name]?.() ?? Promise.resolve())).toBe(UNAVAILABLE)
    expect(tokens.size).toBe(before)
  })

  it('makes revoke answer 503 when a token is to be revoked, and the token stays active', async () => {
    const { everything, server, token } = await brokenBy(({ tokens }) => ({ tokens: { ...tokens, revoke: fail } }))
    const response = await respond(everything['revoke']?.() as Promise<undefined>)
    expect([response.status, response.headers['retry-after']]).toEqual([503, '2'])
    expect(await server.verifyAccessToken({ token })).toMatchObject({ ok: true })
  })
})

describe('what the operator reads of a backend that fails', () => {
  it('names the port and what it said, in an event and never in the answer', async () => {
    const { server, events } = createTestServer(undefined, {
      clients: { find: () => Promise.reject(new Error('connection refused')) },
    })
    const { body } = await respond(server.token(asReports(GRANT)))
    expect(body).toBe('{"error":"temporarily_unavailable","error_description":"try again in a moment"}')
    expect(await events()).toMatchObject([
      {
        type: 'token_refused',
        error: 'temporarily_unavailable',
        reason: 'ClientRepository.find failed: connection refused',
      },
    ])
  })
})

const request: EndpointRequest = asReports(GRANT)

describe('a record of a client', () => {
  const broken: readonly [string, object | string | number | null][] = [
    ['null', null],
    ['a text', 'reports'],
    ['a list', []],
    ['another client', { ...reports(), id: 'stranger' }],
    ['enabled as a text', { ...reports(), enabled: 'true' }],
    ['enabled as 1', { ...reports(), enabled: 1 }],
    ['no credentials', { ...reports(), credentials: undefined }],
    ['credentials in a text', { ...reports(), credentials: '[]' }],
    ['a credential that is null', { ...reports(), credentials: [null] }],
    ['a credential of another kind', { ...reports(), credentials: [{ ...reports().credentials[0], kind: 'key' }] }],
    ['a hash that is null', { ...reports(), credentials: [{ ...reports().credentials[0], hash: null }] }],
    [
      'a hash that is cut',
      { ...reports(), credentials: [{ ...reports().credentials[0], hash: REPORTS.hash.slice(0, -1) }] },
    ],
    ['an expiry in a text', { ...reports(), credentials: [{ ...reports().credentials[0], expiresAt: '1' }] }],
    ['an expiry that is null', { ...reports(), credentials: [{ ...reports().credentials[0], expiresAt: null }] }],
    ['a start that is a fraction', { ...reports(), credentials: [{ ...reports().credentials[0], notBefore: 0.5 }] }],
    ['no scopes', { ...reports(), scopes: undefined }],
    ['scopes that are texts', { ...reports(), scopes: ['read'] }],
    ['a scope that is enabled by a text', { ...reports(), scopes: [{ name: 'read', enabled: 'false' }] }],
    ['default scopes in a text', { ...reports(), defaultScopes: 'read' }],
    ['default scopes that are null', { ...reports(), defaultScopes: null }],
    ['no scope policy', { ...reports(), scopePolicy: undefined }],
    ['another right to introspect', { ...reports(), introspect: true }],
    ['no audiences', { ...reports(), resourceServerFor: undefined }],
    ['audiences that are no texts', { ...reports(), resourceServerFor: [{}] }],
    ['grant types in a text', { ...reports(), grantTypes: 'client_credentials' }],
    ['a method nobody knows', { ...reports(), tokenEndpointAuthMethod: 'none' }],
    ['a format that there is not', { ...reports(), accessTokenFormat: 'JWT' }],
    ['claims in a list', { ...reports(), claims: [] }],
    ['a lifetime in a text', { ...reports(), accessTokenLifetimeSeconds: '3600' }],
    ['tokensValidFrom in a text', { ...reports(), tokensValidFrom: '0' }],
    ['no tokensValidFrom', { ...reports(), tokensValidFrom: undefined }],
  ]
  it.each(broken)('that is broken is 503, never a client with other rights: %s', async (_, record) => {
    const { server } = createTestServer(undefined, { clients: { find: async () => record as Client } })
    expect(await refusalOf(server.token(request))).toBe(UNAVAILABLE)
  })

  it('is named by the member that is broken', async () => {
    const find = (record: object) => guardClients({ find: async () => record as Client }).find('reports')
    await expect(find({ ...reports(), scopes: [{ name: 'read' }] })).rejects.toMatchObject({
      reason: 'ClientRepository.find failed: the record of a client cannot be read: its scopes is broken',
    })
    await expect(find({ ...reports(), id: 'stranger' })).rejects.toMatchObject({
      reason: 'ClientRepository.find failed: the record of a client is not the one that was asked for',
    })
  })

  it('may have members that nobody here knows, and a name and labels of any kind', async () => {
    const record = { ...reports(), name: null, version: 'x', tenant: 'a' } as unknown as Client
    const { server } = createTestServer(undefined, { clients: { find: async () => record } })
    expect((await respond(server.token(request))).status).toBe(200)
  })

  it('is judged again when it may have changed, and may be somebody else’s even when it cannot', async () => {
    const scopes = [{ name: 'read', enabled: true }]
    const shallow = Object.freeze({ ...reports(), scopes })
    const deep = Object.freeze(
      JSON.parse(JSON.stringify(reports()), (_, value: unknown) => Object.freeze(value)) as Client,
    )
    const stored = new Map([
      ['reports', shallow],
      ['stranger', deep],
    ])
    const clients = guardClients({ find: async (id) => stored.get(id) })
    expect(await clients.find('reports')).toBe(shallow)
    scopes.push({ name: 'erase', enabled: 'yes' as unknown as boolean })
    await expect(clients.find('reports')).rejects.toMatchObject({ code: 'temporarily_unavailable' })
    stored.set('reports', deep)
    expect(await clients.find('reports')).toBe(deep)
    expect(await clients.find('reports')).toBe(deep)
    await expect(clients.find('stranger')).rejects.toMatchObject({ code: 'temporarily_unavailable' })
  })

  it('is not asked for under an id that cannot be registered', async () => {
    const asked: string[] = []
    const clients = guardClients({
      async find(id) {
        asked.push(id)
        return undefined
      },
    })
    for (const id of ['', 'a b', 'a%20b', "' OR 1=1 --", 'a\0', '\ud800', 'x'.repeat(256)])
      expect(await clients.find(id)).toBeUndefined()
    await clients.find('__proto__')
    expect(asked).toEqual(['__proto__'])
  })
})

describe('a record of a token', () => {
  const broken: readonly [string, (record: AccessTokenRecord) => unknown][] = [
    ['null', () => null],
    ['a text', () => 'active'],
    ['another token', (record) => ({ ...record, id: 'other' })],
    ['no client', (record) => ({ ...record, clientId: undefined })],
    ['no subject', (record) => ({ ...record, subject: null })],
    ['scopes in a text', (record) => ({ ...record, scopes: 'read' })],
    ['scopes that are no texts', (record) => ({ ...record, scopes: [null] })],
    ['an audience in a text', (record) => ({ ...record, audience: 'https://api.example.com' })],
    ['a time of issue in a text', (record) => ({ ...record, issuedAt: '1800000000' })],
    ['no expiry', (record) => ({ ...record, expiresAt: undefined })],
    ['an expiry as a date', (record) => ({ ...record, expiresAt: new Date() })],
    ['an endless expiry', (record) => ({ ...record, expiresAt: Number.POSITIVE_INFINITY })],
    ['claims in a list', (record) => ({ ...record, claims: [] })],
  ]
  it.each(broken)('that is broken is 503, never inactive and never revoked: %s', async (_, deface) => {
    const { everything, revoked } = await brokenBy(({ tokens }) => ({
      tokens: {
        ...tokens,
        find: async (id) => deface((await tokens.find(id)) as AccessTokenRecord) as AccessTokenRecord,
      },
    }))
    for (const name of ['introspect', 'introspect by bearer', 'revoke', 'verifyBearer', 'verifyAccessToken'])
      expect([name, await refusalOf(everything[name]?.() ?? Promise.resolve())]).toEqual([name, UNAVAILABLE])
    expect(revoked.size).toBe(0)
  })
})

describe('isRevoked', () => {
  const tokens = (isRevoked: () => Promise<unknown>) =>
    guardTokens({ save: async () => {}, find: async () => undefined, revoke: async () => {}, isRevoked } as never)
  const id = 'a' as AccessTokenRecord['id']

  it('passes on yes and no', async () => {
    expect(await tokens(async () => true).isRevoked(id)).toBe(true)
    expect(await tokens(async () => false).isRevoked(id)).toBe(false)
  })

  it.each([undefined, null, 0, 'false'])('takes %j for no answer, never for "not revoked"', async (answer) => {
    await expect(tokens(async () => answer).isRevoked(id)).rejects.toMatchObject({ code: 'temporarily_unavailable' })
  })
})

describe('a backend that never answers', () => {
  it('is given up by a timer that no other port shares: one that was lost takes no other with it', async () => {
    const never = () => new Promise<never>(() => {})
    onTestFinished(() => void vi.useRealTimers())
    vi.useFakeTimers()
    void guardClients({ find: never }).find('reports')
    // The timer of that call is gone for good.
    vi.useRealTimers()
    vi.useFakeTimers()
    const late = vi.fn<(error: unknown) => void>()
    guardClients({ find: never }).find('reports').catch(late)
    await vi.advanceTimersByTimeAsync(3000)
    expect(late).toHaveBeenCalledWith(expect.objectContaining({ code: 'temporarily_unavailable' }))
  })

  it('is away within three seconds', async () => {
    vi.useFakeTimers()
    try {
      const never = () => new Promise<never>(() => {})
      const clients = guardClients({ find: never })
      const tokens = guardTokens({ save: never, find: never, revoke: never, isRevoked: never })
      const id = 'a' as AccessTokenRecord['id']
      const asked = [
        clients.find('reports'),
        tokens.find(id),
        tokens.save({ id } as AccessTokenRecord),
        tokens.revoke(id, 1),
        tokens.isRevoked(id),
      ]
      const refused = Promise.all(
        asked.map((call) =>
          expect(call).rejects.toMatchObject({ code: 'temporarily_unavailable', retryAfterSeconds: 2 }),
        ),
      )
      await vi.advanceTimersByTimeAsync(3000)
      await refused
    } finally {
      vi.useRealTimers()
    }
  })
})
