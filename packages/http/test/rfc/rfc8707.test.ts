import { defineClient, defineResource, generateSecret } from '@latchkey/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, allHosts, type Host } from '../hosts.ts'
import { basic, createTestServer, FORM, ISSUER, type TestServer } from '../test-server.ts'

const ORDERS = 'https://orders.example.com/v1?part=%20a'
const INVOICES = 'https://invoices.example.com'
const STOCK = 'urn:example:stock'
/** Held, and registered by nobody. */
const GONE = 'https://gone.example.com'

let test: TestServer
let hosts: readonly Host[]
const { secret, credentialId, hash } = generateSecret()
const authorization = basic('buyer', secret)

beforeAll(async () => {
  test = await createTestServer()
  const { clients, resources } = test.storage
  if (resources === undefined) throw new Error('the storage has no place for resources')
  await resources.add(
    defineResource({
      identifier: ORDERS,
      name: 'Orders',
      scopes: ['orders:read', 'orders:write', 'list'],
      accessTokenLifetimeSeconds: 300,
      claims: { zone: 'eu' },
    }),
  )
  await resources.add(defineResource({ identifier: INVOICES, scopes: ['invoices:read', 'list'] }))
  await resources.add(defineResource({ identifier: STOCK, scopes: ['list'] }))
  await clients.add(
    defineClient({
      id: 'buyer',
      scopes: { 'orders:read': true, 'orders:write': true, 'invoices:read': true, list: true },
      credentials: [{ kind: 'secret', id: credentialId, hash }],
      resources: [ORDERS, INVOICES, GONE],
    }),
  )
  hosts = await allHosts(test.server)
})

afterAll(async () => {
  for (const host of hosts) await host.close()
  await test.close()
})

/** What may be asked for, each parameter as often as it is given. */
type Asked = readonly (readonly [name: 'resource' | 'audience' | 'scope', value: string])[]

/** The answer of every host, which must all be of one kind. */
async function ask(asked: Asked): Promise<readonly Answer[]> {
  const body = new URLSearchParams([['grant_type', 'client_credentials'], ...asked.map(([...pair]) => pair)]).toString()
  const headers = { 'content-type': FORM, authorization }
  return Promise.all(hosts.map((host) => host.send({ path: '/oauth2/token', body, headers })))
}

/** What introspection tells of the token of each host. */
async function introspected(asked: Asked): Promise<readonly Record<string, unknown>[]> {
  const answers = await ask(asked)
  return Promise.all(
    answers.map(async ({ status, body }, index) => {
      expect([status, body]).toEqual([200, expect.stringContaining('access_token')])
      const { access_token: token } = JSON.parse(body) as { access_token: string }
      const headers = { 'content-type': FORM, authorization }
      const answer = await hosts[index]?.send({ path: '/oauth2/introspect', body: `token=${token}`, headers })
      return JSON.parse(answer?.body ?? '{}') as Record<string, unknown>
    }),
  )
}

describe('a request that names resources', () => {
  it.each<[string, Asked, Record<string, unknown>]>([
    [
      'one, and a scope of it',
      [
        ['resource', ORDERS],
        ['scope', 'orders:read'],
      ],
      { aud: ORDERS, scope: 'orders:read', zone: 'eu' },
    ],
    ['one, and no scope', [['resource', INVOICES]], { aud: INVOICES, scope: 'invoices:read list' }],
    [
      'one by audience, the alias',
      [
        ['audience', ORDERS],
        ['scope', 'list'],
      ],
      { aud: ORDERS, scope: 'list' },
    ],
    [
      'one by both',
      [
        ['audience', INVOICES],
        ['resource', INVOICES],
      ],
      { aud: INVOICES, scope: 'invoices:read list' },
    ],
    [
      'several, one of them twice',
      [
        ['resource', ORDERS],
        ['resource', INVOICES],
        ['resource', ORDERS],
      ],
      { aud: [ORDERS, INVOICES], scope: 'list' },
    ],
    ['none, and a scope', [['scope', 'orders:read']], { aud: ISSUER, scope: 'orders:read' }],
    ['none, and scopes of one resource', [['scope', 'orders:read list']], { aud: ISSUER, scope: 'orders:read list' }],
  ])('RFC 8707 §2.2 · F5, F6, D25, G3, G5 · gets a token for what it names: %s', async (_, asked, expected) => {
    for (const told of await introspected(asked))
      expect(told).toMatchObject({ active: true, client_id: 'buyer', ...expected })
  })

  it('RFC 8707 §2 · F6 · gets a lifetime of the resource’s own', async () => {
    for (const [named, seconds] of [
      [ORDERS, 300],
      [INVOICES, 3600],
    ] as const)
      for (const { body } of await ask([['resource', named]]))
        expect((JSON.parse(body) as { expires_in: number }).expires_in).toBe(seconds)
  })

  it.each<[string, Asked, string]>([
    ['a resource that the client does not hold', [['resource', STOCK]], 'invalid_target'],
    ['one that nobody registered', [['resource', GONE]], 'invalid_target'],
    ['one that nobody knows', [['resource', 'https://unknown.example.com']], 'invalid_target'],
    ['one in other letters', [['resource', INVOICES.toUpperCase()]], 'invalid_target'],
    ['one with a slash behind it', [['resource', `${INVOICES}/`]], 'invalid_target'],
    ['one with a fragment', [['resource', `${INVOICES}#`]], 'invalid_target'],
    ['what is no URI', [['resource', 'invoices']], 'invalid_target'],
    ['a hostile text', [['resource', "x'; DROP TABLE resources; --\u0000*"]], 'invalid_target'],
    ['the client itself, by audience', [['audience', 'buyer']], 'invalid_target'],
    [
      'one that it holds and one that it does not',
      [
        ['resource', ORDERS],
        ['resource', STOCK],
      ],
      'invalid_target',
    ],
    [
      'one by resource and another by audience',
      [
        ['resource', ORDERS],
        ['audience', INVOICES],
      ],
      'invalid_target',
    ],
    [
      'a scope of another resource',
      [
        ['resource', ORDERS],
        ['scope', 'invoices:read'],
      ],
      'invalid_scope',
    ],
    [
      'a scope that only one of two knows',
      [
        ['resource', ORDERS],
        ['resource', INVOICES],
        ['scope', 'orders:read list'],
      ],
      'invalid_scope',
    ],
    ['scopes of two resources, and neither resource', [['scope', 'orders:read invoices:read']], 'invalid_scope'],
    ['nothing, while its scopes belong to two resources', [], 'invalid_scope'],
  ])('RFC 8707 §2 · F4, F6, G1, G2, G4, G5 · is refused: %s', async (_, asked, code) => {
    for (const { status, headers, body } of await ask(asked)) {
      expect([status, (JSON.parse(body) as { error: string }).error]).toEqual([400, code])
      expect(headers['cache-control']).toBe('no-store')
      for (const [name, value] of asked) if (name !== 'scope') expect(body).not.toContain(value)
    }
  })
})

it('RFC 9728 §4 · K10 · names the resources in the metadata, in the order of their identifiers', async () => {
  for (const host of hosts)
    for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']) {
      const { status, body } = await host.send({ method: 'GET', path })
      expect([status, (JSON.parse(body) as Record<string, unknown>)['protected_resources']]).toEqual([
        200,
        [INVOICES, ORDERS, STOCK],
      ])
    }
})

it('RFC 8707 §2 · F6 · sees a changed and a removed resource with the next request, where nothing is remembered', async () => {
  const { resources } = test.storage
  const identifier = GONE
  await resources?.add(defineResource({ identifier, scopes: ['list'] }))
  for (const told of await introspected([['resource', identifier]])) expect(told).toMatchObject({ scope: 'list' })
  await resources?.replace(defineResource({ identifier, scopes: ['orders:read'] }), 1)
  for (const told of await introspected([['resource', identifier]]))
    expect(told).toMatchObject({ scope: 'orders:read' })
  await resources?.remove(identifier)
  for (const { status } of await ask([['resource', identifier]])) expect(status).toBe(400)
})
