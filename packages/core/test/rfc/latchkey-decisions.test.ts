import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  addClient,
  type Client,
  type ClientRegistry,
  defineClient,
  formOf,
  generateSecret,
  parseClientsFile,
  revokeTokensOfClient,
} from '../../src/index.ts'
import {
  asReports,
  basic,
  CHOSEN,
  CHOSEN_WITH_PERCENT,
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
  tokenOf,
} from '../test-server.ts'

const chosen = { kind: 'secret', id: 'chosen', hash: CHOSEN.hash } as const

describe('failed authentication', () => {
  const REGISTERED: readonly Client[] = [
    reports(),
    reports({ id: 'expired', credentials: [credentialOf(REPORTS, { expiresAt: NOW })] }),
    reports({ id: 'not-yet', credentials: [credentialOf(REPORTS, { notBefore: NOW + 1 })] }),
    reports({ id: 'disabled', enabled: false }),
    reports({ id: 'basic-only', tokenEndpointAuthMethod: 'client_secret_basic' }),
    reports({ id: 'post-only', tokenEndpointAuthMethod: 'client_secret_post' }),
  ]
  const attempts = (method: 'basic' | 'post') =>
    [
      ['nobody', REPORTS.secret],
      ['reports', STRANGER.secret],
      ['expired', REPORTS.secret],
      ['not-yet', REPORTS.secret],
      ['disabled', REPORTS.secret],
      [method === 'basic' ? 'post-only' : 'basic-only', REPORTS.secret],
    ].map(([id = '', secret = '']) =>
      method === 'basic'
        ? { authorization: basic(id, secret), form: formOf({ ...GRANT, token: 'x' }) }
        : posted({ ...GRANT, token: 'x', client_id: id, client_secret: secret }),
    )

  it.each(['token', 'introspect', 'revoke'] as const)(
    'RFC 6749 §5.2 · C4, C3 · answers failed authentication alike at %s, whatever the reason, by header and by body',
    async (endpoint) => {
      const { server } = createTestServer(REGISTERED)
      const answers = await Promise.all(
        [...attempts('basic'), ...attempts('post')].map(async (request) => {
          const { status, headers, body } = await respond(server[endpoint](request) as Promise<object>)
          return JSON.stringify([status, Object.entries(headers), body])
        }),
      )
      expect(answers).toHaveLength(12)
      expect(new Set(answers).size).toBe(1)
      expect(answers[0]).toContain('[401,')
    },
  )

  it('RFC 7591 §2 · C3, D21 · refuses a client by any method but the one that it is registered for, like a wrong secret', async () => {
    const { server } = createTestServer(REGISTERED)
    const byBasic = (id: string) => server.token({ authorization: basic(id, REPORTS.secret), form: formOf(GRANT) })
    const byPost = (id: string) => server.token(posted({ ...GRANT, client_id: id, client_secret: REPORTS.secret }))
    expect(await refusalOf(byBasic('post-only'))).toBe('401 invalid_client')
    expect(await refusalOf(byPost('basic-only'))).toBe('401 invalid_client')
    for (const outcome of [byPost('post-only'), byBasic('basic-only'), byBasic('reports'), byPost('reports')])
      await expect(outcome).resolves.toMatchObject({ token_type: 'Bearer' })
  })

  it('RFC 6749 §2.3.1 · C8 · refuses a secret with anything added to it, a NUL too', async () => {
    const { server } = createTestServer([reports({ credentials: [chosen, credentialOf(REPORTS)] })])
    for (const secret of [CHOSEN.secret, REPORTS.secret])
      for (const wrong of [`${secret}\0`, `${secret} `, ''])
        expect(await refusalOf(server.token(posted({ ...GRANT, client_id: 'reports', client_secret: wrong })))).toBe(
          '401 invalid_client',
        )
  })
})

describe('secrets', () => {
  it('RFC 6749 §2.3.1 · D7 · accepts a secret with a percent sign and a plus, sent raw or encoded', async () => {
    const { secret, hash } = CHOSEN_WITH_PERCENT
    const { server } = createTestServer([reports({ credentials: [{ ...chosen, hash }] })])
    const encoded = encodeURIComponent(secret).replaceAll('%20', '+')
    for (const sent of [encoded, secret])
      await expect(server.token({ authorization: basic('reports', sent), form: formOf(GRANT) })).resolves.toBeDefined()
  })

  it('RFC 6749 §2.3.1 · D18 · lets a client have one live secret that a person chose', () => {
    const other = { ...chosen, id: 'other' }
    expect(() => reports({ credentials: [chosen, other] })).toThrow('at most one secret that a person chose')
    expect(() =>
      reports({
        credentials: [
          { ...chosen, expiresAt: NOW },
          { ...other, notBefore: NOW },
        ],
      }),
    ).not.toThrow()
    expect(() => parseClientsFile('{"a":{"client_secrets":[{"value":"x"},{"value":"y"}]}}')).toThrow(
      'at most one secret that a person chose',
    )
  })

  it('RFC 6749 §2.3.1 · D18 · refuses every secret that a person chose where only generated ones are accepted', async () => {
    const { server } = createTestServer([reports({ credentials: [chosen, credentialOf(REPORTS)] })], {
      generatedSecretsOnly: true,
    })
    const token = (secret: string) => server.token({ authorization: basic('reports', secret), form: formOf(GRANT) })
    expect(await refusalOf(token(CHOSEN.secret))).toBe('401 invalid_client')
    await expect(token(REPORTS.secret)).resolves.toBeDefined()
  })

  it('RFC 6749 §2.3.1 · D19 · lets no secret that was removed or has expired, and no client that was disabled, pass by being remembered', async () => {
    const test = createTestServer([reports({ credentials: [chosen] })])
    const outcome = () =>
      refusalOf(test.server.token({ authorization: basic('reports', CHOSEN.secret), form: formOf(GRANT) }))
    expect(await outcome()).toBe('200 undefined')
    for (const changed of [
      reports({ credentials: [{ ...chosen, expiresAt: NOW }] }),
      reports({ enabled: false, credentials: [chosen] }),
      reports(),
    ]) {
      test.clients.set('reports', changed)
      expect(await outcome()).toBe('401 invalid_client')
    }
    test.clients.set('reports', reports({ credentials: [chosen] }))
    expect(await outcome()).toBe('200 undefined')
  })

  it('RFC 6749 §10.10 · D20 · makes secrets whose form names their credential', () => {
    const { secret, credentialId, hash } = generateSecret()
    expect(secret).toMatch(/^lk_s_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/)
    expect(secret.slice(5, 17)).toBe(credentialId)
    expect(hash).toMatch(/^\$sha256\$id=[0-9A-Za-z]{12}\$[A-Za-z0-9_-]{43}$/)
  })

  it('RFC 6749 §4.4 · D22 · refuses the registration of a client without a secret to show', () => {
    expect(() => parseClientsFile('{"a":{"token_endpoint_auth_method":"none"}}')).toThrow('there are no public clients')
    expect(() => defineClient({ id: 'a', tokenEndpointAuthMethod: 'none' as 'client_secret_basic' })).toThrow(
      'tokenEndpointAuthMethod must',
    )
  })
})

describe('tokens', () => {
  it('RFC 6749 §10.10 · D20 · makes tokens of 55 characters, and tells a mistyped one without asking the store', async () => {
    const test = createTestServer()
    const token = await tokenOf(test)
    expect(token).toMatch(/^lk_at_[0-9A-Za-z]{49}$/)
    const before = test.asked.length
    const mistyped = token.slice(0, -1) + (token.endsWith('a') ? 'b' : 'a')
    expect(await test.server.verifyAccessToken({ token: mistyped })).toEqual({ ok: false, error: 'invalid_token' })
    expect(test.asked).toHaveLength(before)
  })

  it('RFC 9068 §3 · D26 · makes tokens for the default audience, which is the issuer unless another is given', async () => {
    const audienceOf = async (defaultAudience?: string) => {
      const test = createTestServer(undefined, defaultAudience === undefined ? {} : { defaultAudience })
      const token = await tokenOf(test)
      expect([...test.tokens.values()][0]?.audience).toEqual([defaultAudience ?? ISSUER])
      const answer = await test.server.introspect(asReports({ token }))
      return answer.active && answer.aud
    }
    expect(await audienceOf()).toBe(ISSUER)
    expect(await audienceOf('https://api.example.com')).toBe('https://api.example.com')
  })

  it('RFC 7662 §2.2 · D24 · ends a token at its expiry to the second, with no leeway', async () => {
    const test = createTestServer()
    const token = await tokenOf(test)
    test.clock.seconds = NOW + 3599
    expect(await test.server.introspect(asReports({ token }))).toMatchObject({ active: true })
    test.clock.seconds = NOW + 3600
    expect(await test.server.introspect(asReports({ token }))).toEqual({ active: false })
  })

  it('RFC 6749 §10.4 · D29 · answers 503 about a token whose record is broken, never that it is inactive', async () => {
    const test = createTestServer()
    const token = await tokenOf(test)
    for (const [id, record] of test.tokens)
      test.tokens.set(id, { ...record, expiresAt: `${record.expiresAt}` as unknown as number })
    for (const outcome of [
      test.server.introspect(asReports({ token })),
      test.server.revoke(asReports({ token })),
      test.server.verifyBearer({ authorization: `Bearer ${token}` }),
    ])
      expect(await refusalOf(outcome)).toBe('503 temporarily_unavailable')
    expect(test.revoked.size).toBe(0)
  })

  it('RFC 6749 §10.4 · D29 · answers 503 to a client whose record is broken, and about its tokens', async () => {
    const test = createTestServer()
    const token = await tokenOf(test)
    test.clients.set('reports', { ...reports(), credentials: 'none' as unknown as Client['credentials'] })
    for (const outcome of [test.server.introspect(asReports({ token })), test.server.token(asReports(GRANT))])
      expect(await refusalOf(outcome)).toBe('503 temporarily_unavailable')
  })
})

describe('revoking all tokens of a client', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: NOW * 1000, toFake: ['setTimeout', 'Date'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const registryOf = (clients: Map<string, Client>): ClientRegistry => ({
    find: async (id) => clients.get(id),
    add: async (client) => !clients.has(client.id) && !!clients.set(client.id, client),
    replace: async (client, version) => !!clients.set(client.id, { ...client, version: version + 1 }),
    remove: async (id) => clients.delete(id),
    list: async () => ({ clients: [] }),
  })

  it('RFC 7009 §2.1 · D23 · voids all tokens of a client up to this second, keeps those of the next, and asks for patience in between', async () => {
    const test = createTestServer(undefined, { clock: { now: () => Math.floor(Date.now() / 1000) } })
    const before = await tokenOf(test)
    const revoking = revokeTokensOfClient({ clients: registryOf(test.clients) }, 'reports')
    await vi.advanceTimersByTimeAsync(500)
    const { status, headers } = await respond(test.server.token(asReports(GRANT)))
    expect([status, headers['retry-after']]).toEqual([503, '1'])
    await vi.advanceTimersByTimeAsync(500)
    expect(await revoking).toBe(true)
    const after = await tokenOf(test)
    expect(await test.server.introspect(asReports({ token: before }))).toEqual({ active: false })
    expect(await test.server.introspect(asReports({ token: after }))).toMatchObject({ active: true })
  })

  it('RFC 7009 §2.1 · D23 · voids the tokens of a removed client for good, though its id is registered again', async () => {
    const test = createTestServer(undefined, { clock: { now: () => Math.floor(Date.now() / 1000) } })
    const before = await tokenOf(test)
    const clients = registryOf(test.clients)
    await clients.remove('reports')
    await vi.advanceTimersByTimeAsync(1000)
    expect(await addClient({ clients }, reports())).toBe(true)
    expect(await test.server.introspect(asReports({ token: before }))).toEqual({ active: false })
  })
})
