import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AccessTokenRecord,
  type ClientDefinition,
  defineResource,
  parseForm,
  type Resource,
  type ResourceDefinition,
  type SigningAlgorithm,
  type TokenResponse,
} from '../../src/index.ts'
import { ecPair } from '../encryption-keys.ts'
import { createJwtTestServer, partsOf } from '../jwt-server.ts'
import {
  asReports,
  asStranger,
  basic,
  createTestServer,
  GRANT,
  ISSUER,
  NOW,
  REPORTS,
  refusalOf,
  reports,
  stranger,
  type TestServer,
} from '../test-server.ts'

const ORDERS = 'https://orders.example.com'
const INVOICES = 'https://invoices.example.com/v1'
const STOCK = 'urn:example:stock'

const held: Partial<ClientDefinition> = {
  scopes: { 'orders:read': true, 'orders:write': true, 'invoices:read': true, list: true, erase: false },
  resources: [ORDERS, INVOICES],
}

const registered: readonly ResourceDefinition[] = [
  { identifier: ORDERS, scopes: ['orders:read', 'orders:write', 'list', 'erase'] },
  { identifier: INVOICES, scopes: ['invoices:read', 'list'] },
  { identifier: STOCK, scopes: ['list'] },
]

const repositoryOf = (definitions: readonly ResourceDefinition[]) => {
  const resources = new Map(definitions.map(defineResource).map((resource) => [resource.identifier, resource]))
  return { find: async (identifier: string): Promise<Resource | undefined> => resources.get(identifier) }
}

const createServer = (definitions = registered, client: Partial<ClientDefinition> = {}) =>
  createTestServer([reports({ ...held, ...client }), stranger({ resourceServerFor: [ORDERS] })], {
    resources: repositoryOf(definitions),
  })

/** What a JWT says of its audience and scopes. */
function saidBy(token: string): Pick<AccessTokenRecord, 'audience' | 'scopes'> {
  const { aud, scope } = partsOf(token).payload as { aud: string | string[]; scope?: string }
  return { audience: [aud].flat(), scopes: scope?.split(' ') ?? [] }
}

/** Sends a form as it is written, since parameters may repeat. */
const ask = ({ server }: TestServer, form: string) =>
  server.token({
    authorization: basic('reports', REPORTS.secret),
    form: parseForm(`grant_type=client_credentials&${form}`),
  })

const recordOf = async (test: TestServer, form: string): Promise<AccessTokenRecord> => {
  await ask(test, form)
  return [...test.tokens.values()].at(-1) as AccessTokenRecord
}

describe('an API that is registered', () => {
  it('RFC 9701 §5 · I9 · is told of its own scopes alone: no token for it has another, and of other tokens it is told nothing', async () => {
    const test = createServer()
    const own = registered.find(({ identifier }) => identifier === ORDERS)?.scopes ?? []
    const told = async (form: string) => {
      const { access_token: token } = await ask(test, form)
      return test.server.introspect(asStranger({ token }))
    }
    for (const form of [
      `resource=${ORDERS}&scope=orders:read+list`,
      `resource=${ORDERS}&resource=${INVOICES}&scope=list`,
    ]) {
      const answer = await told(form)
      const { scope } = answer as { readonly scope: string }
      expect([answer.active, scope.split(' ').filter((name) => !own.includes(name))]).toEqual([true, []])
    }
    expect(await told(`resource=${INVOICES}&scope=invoices:read`)).toEqual({ active: false })
    for (const mixed of ['orders:read+invoices:read', 'list+invoices:read'])
      expect(await refusalOf(ask(test, `resource=${ORDERS}&resource=${INVOICES}&scope=${mixed}`))).toBe(
        '400 invalid_scope',
      )
  })
})

describe('a request that names resources', () => {
  it('RFC 8707 §2.2 · F5, F6 · gets a token for the one that it names, and an opaque token records it', async () => {
    const test = createServer()
    expect(await recordOf(test, `resource=${ORDERS}&scope=orders:read`)).toMatchObject({
      audience: [ORDERS],
      scopes: ['orders:read'],
    })
  })

  it('RFC 8707 §2.2 · F5, F6, G3 · gets a token for several, which a self-contained one lists', async () => {
    const test = await createJwtTestServer([reports(held)], { resources: repositoryOf(registered) })
    const both = await ask(test, `resource=${ORDERS}&resource=${INVOICES}&resource=${ORDERS}&scope=list`)
    expect(partsOf(both.access_token).payload).toMatchObject({ aud: [ORDERS, INVOICES], scope: 'list' })
    const one = await ask(test, `resource=${INVOICES}&scope=list`)
    expect(partsOf(one.access_token).payload['aud']).toBe(INVOICES)
  })

  it('RFC 8707 §2 · F6, G1, G2, G4 · is refused a resource that the client does not hold, is not registered, or is none', async () => {
    const test = createServer(undefined, { resources: [ORDERS, 'https://gone.example.com'] })
    for (const resource of [
      STOCK,
      INVOICES,
      'https://gone.example.com',
      'https://unknown.example.com',
      `${ORDERS}/`,
      ORDERS.toUpperCase(),
      ISSUER,
      'orders',
      `${ORDERS}%23fragment`,
      '%00',
    ])
      for (const name of ['resource', 'audience'])
        expect(await refusalOf(ask(test, `${name}=${resource}`))).toBe('400 invalid_target')
    expect(await refusalOf(ask(test, `resource=${ORDERS}&resource=${STOCK}`))).toBe('400 invalid_target')
    expect(test.tokens.size).toBe(0)
  })

  it('RFC 8707 §2 · F6 · is refused every resource where the server has none', async () => {
    const test = createTestServer([reports(held)])
    expect(await refusalOf(ask(test, `resource=${ORDERS}`))).toBe('400 invalid_target')
  })

  it('RFC 8707 §2 · D25 · may call it audience, and not say one thing by the one and another by the other', async () => {
    const test = createServer()
    expect(await recordOf(test, `audience=${ORDERS}&scope=list`)).toMatchObject({ audience: [ORDERS] })
    expect(await recordOf(test, `audience=${ORDERS}&resource=${ORDERS}&scope=list`)).toMatchObject({
      audience: [ORDERS],
    })
    const both = `resource=${ORDERS}&resource=${INVOICES}`
    expect(await recordOf(test, `${both}&audience=${INVOICES}&audience=${ORDERS}&scope=list`)).toMatchObject({
      audience: [ORDERS, INVOICES],
    })
    for (const form of [`resource=${ORDERS}&audience=${INVOICES}`, `${both}&audience=${ORDERS}`, `audience=x&${both}`])
      expect(await refusalOf(ask(test, `${form}&scope=list`))).toBe('400 invalid_target')
    const opposite = `resource=${ORDERS}&audience=${ORDERS}&audience=${INVOICES}&scope=list`
    expect(await refusalOf(ask(test, opposite))).toBe('400 invalid_target')
  })

  it('RFC 9068 §3 · F4, G5 · gets no scope that one of them does not know', async () => {
    const test = createServer()
    for (const form of [
      `resource=${ORDERS}&scope=invoices:read`,
      `resource=${ORDERS}&scope=orders:read+invoices:read`,
      `resource=${ORDERS}&resource=${INVOICES}&scope=orders:read`,
      `resource=${ORDERS}&scope=erase`,
    ])
      expect(await refusalOf(ask(test, form))).toBe('400 invalid_scope')
  })

  it('RFC 9068 §3 · F4 · gets of the default scopes those that mean something to each of them', async () => {
    const test = createServer()
    expect((await recordOf(test, `resource=${INVOICES}`)).scopes).toEqual(['invoices:read', 'list'])
    expect((await recordOf(test, `resource=${INVOICES}&resource=${ORDERS}`)).scopes).toEqual(['list'])
    const narrow = createServer([{ identifier: ORDERS }])
    expect((await recordOf(narrow, `resource=${ORDERS}`)).scopes).toEqual([])
  })

  it('RFC 8707 §2 · F6 · gets what the resource says of its tokens: format, lifetime and claims', async () => {
    const resources = repositoryOf([
      { identifier: ORDERS, accessTokenFormat: 'jwt', accessTokenLifetimeSeconds: 300, claims: { zone: 'eu', a: 1 } },
      { identifier: INVOICES, accessTokenLifetimeSeconds: 7200 },
    ])
    const client = reports({ ...held, claims: { tenant: 'acme', a: 2 }, accessTokenLifetimeSeconds: 600 })
    const test = await createJwtTestServer([client], { resources, accessTokenFormat: 'opaque' })
    const token = await ask(test, `resource=${ORDERS}`)
    expect(token.expires_in).toBe(300)
    expect(partsOf(token.access_token).payload).toMatchObject({ zone: 'eu', tenant: 'acme', a: 1, exp: NOW + 300 })
    // The shorter one, whoever it is from.
    expect((await ask(test, `resource=${INVOICES}`)).expires_in).toBe(600)
    expect((await ask(test, `resource=${INVOICES}&resource=${ORDERS}`)).expires_in).toBe(300)
    expect((await ask(test, 'scope=list')).access_token).toMatch(/^lk_at_/)
  })

  it('RFC 8707 §2 · F6 · is refused one token for resources that want tokens of different kinds', async () => {
    const signedBy = (alg: SigningAlgorithm) => ({ accessTokenFormat: 'jwt', accessTokenSigningAlg: alg }) as const
    const encryption = { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', key: ecPair().publicKey } as const
    const encrypted = { accessTokenFormat: 'jwt', accessTokenEncryption: encryption } as const
    const kinds: readonly (readonly [Partial<Resource>, Partial<Resource>])[] = [
      [{ accessTokenFormat: 'jwt' }, { accessTokenFormat: 'opaque' }],
      [{ claims: { zone: 'eu' } }, { claims: { zone: 'us' } }],
      [signedBy('RS256'), signedBy('ES256')],
      [encrypted, {}],
      [{}, encrypted],
      [encrypted, { ...encrypted, accessTokenEncryption: { ...encryption, enc: 'A128GCM' } }],
    ]
    for (const [orders, invoices] of kinds) {
      const test = createServer([
        { identifier: ORDERS, ...orders },
        { identifier: INVOICES, ...invoices },
      ])
      expect(await refusalOf(ask(test, `resource=${ORDERS}&resource=${INVOICES}`))).toBe('400 invalid_target')
    }
  })

  it('RFC 8707 §2 · G6 · names ten at most, and what is repeated counts once', async () => {
    const identifiers = Array.from({ length: 11 }, (_, index) => `urn:example:${index}`)
    const test = createServer(
      identifiers.map((identifier) => ({ identifier, scopes: ['list'] })),
      { resources: identifiers },
    )
    const naming = (named: readonly string[], name = 'resource') => named.map((one) => `${name}=${one}`).join('&')
    expect(await refusalOf(ask(test, naming(identifiers)))).toBe('400 invalid_target')
    expect(await refusalOf(ask(test, naming(identifiers, 'audience')))).toBe('400 invalid_target')
    const ten = identifiers.slice(1)
    expect(await recordOf(test, naming([...ten, ...ten]))).toMatchObject({ audience: ten, scopes: ['list'] })
    const pair = { clientId: 'reports', clientSecret: REPORTS.secret }
    expect(await refusalOf(test.server.verifyClient({ ...pair, resources: identifiers }))).toBe('400 invalid_target')
  })

  it('RFC 8707 §2 · G6 · names none by more letters than an identifier can have', async () => {
    const longest = `urn:example:${'a'.repeat(500)}`
    const test = createServer([{ identifier: longest, scopes: ['list'] }], { resources: [longest] })
    expect(await recordOf(test, `resource=${longest}`)).toMatchObject({ audience: [longest] })
    expect(await refusalOf(ask(test, `resource=${longest}a`))).toBe('400 invalid_target')
    expect(() => defineResource({ identifier: `${longest}a` })).toThrow('at most 512 characters')
  })

  it('RFC 8707 §2 · F6 · is answered 503 while resources cannot be looked up, and about one whose record is broken', async () => {
    const away = () => Promise.reject(new Error('connection refused'))
    const broken = async () => ({ ...defineResource({ identifier: ORDERS }), scopes: 'list' }) as unknown as Resource
    const another = async () => defineResource({ identifier: STOCK })
    for (const find of [away, broken, another]) {
      const test = createTestServer([reports(held)], { resources: { find } })
      expect(await refusalOf(ask(test, `resource=${ORDERS}`))).toBe('503 temporarily_unavailable')
    }
  })

  it('RFC 7662 §4 · D12 · gets a token that the API which it is for may introspect, and no other API', async () => {
    const test = createServer()
    const forOrders = await ask(test, `resource=${ORDERS}&scope=list`)
    const forBoth = await ask(test, `resource=${ORDERS}&resource=${INVOICES}&scope=list`)
    const forInvoices = await ask(test, `resource=${INVOICES}&scope=list`)
    const introspected = async (token: string) => test.server.introspect(asStranger({ token }))
    expect(await introspected(forOrders.access_token)).toMatchObject({ active: true, aud: ORDERS })
    expect(await introspected(forBoth.access_token)).toMatchObject({ active: true, aud: [ORDERS, INVOICES] })
    expect(await introspected(forInvoices.access_token)).toEqual({ active: false })
    expect(await introspected((await ask(test, 'scope=list')).access_token)).toEqual({ active: false })
  })
})

describe('a request that names no resource', () => {
  it('RFC 9068 §3 · D26, F5 · gets a token for the default audience', async () => {
    const test = createServer()
    expect(await recordOf(test, 'scope=orders:read+orders:write')).toMatchObject({ audience: [ISSUER] })
    expect(await recordOf(test, 'resource=&audience=&scope=list')).toMatchObject({ audience: [ISSUER] })
  })

  it('RFC 9068 §3 · F4 · is refused scopes of several resources, by default or asked for', async () => {
    const test = createServer()
    for (const form of ['', 'scope=orders:read+invoices:read', 'scope=orders:read+invoices:read+list'])
      expect(await refusalOf(ask(test, form))).toBe('400 invalid_scope')
    for (const scope of ['orders:read+list', 'invoices:read+list', 'orders:write+orders:read'])
      await expect(ask(test, `scope=${scope}`)).resolves.toMatchObject({ scope: scope.replaceAll('+', ' ') })
  })

  it('RFC 9068 §3 · F4 · costs no look-up where nothing can be mixed', async () => {
    const looked: string[] = []
    const resources = { find: async (identifier: string) => void looked.push(identifier) }
    const test = createTestServer([reports({ resources: [ORDERS] })], { resources })
    await test.server.token(asReports(GRANT))
    const several = createTestServer([reports({ resources: [ORDERS, STOCK] })], { resources })
    await several.server.token(asReports({ ...GRANT, scope: 'read' }))
    expect(looked).toEqual([])
  })
})

it.each([
  ['opaque', 1000],
  ['jwt', 300],
] as const)(
  'RFC 8707 §2 · F4, F6, G2, G5 · lets no token hold an audience or a scope that the client was not given: %s',
  async (format, numRuns) => {
    const identifiers = [ORDERS, INVOICES, STOCK, 'https://api.example.com/a', ISSUER]
    const scopes = ['a', 'b', 'c', 'd']
    const resource = fc.record({
      identifier: fc.constantFrom(...identifiers),
      scopes: fc.subarray(scopes, { minLength: 2 }),
    })
    const client = fc.record({
      scopes: fc.dictionary(fc.constantFrom(...scopes), fc.boolean()),
      resources: fc.subarray(identifiers, { minLength: 3 }),
      scopePolicy: fc.constantFrom('strict' as const, 'reduce' as const),
    })
    const named = fc.array(fc.constantFrom(...identifiers, 'https://stranger.example', 'x#y', ''), { maxLength: 2 })
    const request = fc.record({
      resource: named,
      audience: fc.oneof({ weight: 3, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: named }),
      scope: fc.option(fc.subarray([...scopes, 'e'], { minLength: 1, maxLength: 2 }), { nil: undefined }),
    })
    const seen = { tokens: 0, forResources: 0, refused: 0 }
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(resource, { selector: ({ identifier }) => identifier, minLength: 3 }),
        client,
        request,
        async (definitions, definition, asked) => {
          const options = { resources: repositoryOf(definitions) }
          const test = await (format === 'jwt' ? createJwtTestServer : createTestServer)([reports(definition)], options)
          const form = new URLSearchParams([
            ...asked.resource.map((value) => ['resource', value]),
            ...asked.audience.map((value) => ['audience', value]),
            ...(asked.scope === undefined ? [] : [['scope', asked.scope.join(' ')]]),
          ] as [string, string][])
          const answer = await ask(test, form.toString()).catch((error: unknown) => error)
          if (answer instanceof Error) {
            seen.refused += 1
            expect(await refusalOf(Promise.reject(answer))).toMatch(/^400 invalid_(?:scope|target)$/)
            expect(test.tokens.size).toBe(0)
            return
          }
          const { access_token: value, scope = '' } = answer as TokenResponse
          const token = format === 'jwt' ? saidBy(value) : ([...test.tokens.values()][0] as AccessTokenRecord)
          expect(scope.split(' ').filter(Boolean)).toEqual(token.scopes)
          seen.tokens += 1
          const wanted = [...new Set([...asked.resource, ...asked.audience].filter((value) => value !== ''))]
          const known = new Map(definitions.map((found) => [found.identifier, found.scopes]))
          expect(token.scopes.filter((scope) => definition.scopes[scope] !== true)).toEqual([])
          expect(token.scopes.filter((scope) => asked.scope?.includes(scope) === false)).toEqual([])
          if (wanted.length === 0) {
            expect(token.audience).toEqual([ISSUER])
            return
          }
          seen.forResources += 1
          expect([...token.audience].sort()).toEqual(wanted.sort())
          for (const audience of token.audience) {
            expect(definition.resources).toContain(audience)
            expect(token.scopes.filter((scope) => known.get(audience)?.includes(scope) !== true)).toEqual([])
          }
        },
      ),
      { numRuns },
    )
    // Otherwise it would have shown nothing.
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(10)
  },
)
