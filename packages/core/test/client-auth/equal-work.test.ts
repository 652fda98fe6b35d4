import { beforeEach, describe, expect, it } from 'vitest'
import { fakeHashOf, loadWithCountedCrypto } from '../counted-crypto.ts'

const { work, reset, core } = await loadWithCountedCrypto()
const { createAuthorizationServer, defineClient, formOf, generateSecret } = core

const NOW = 1_800_000_000
const GENERATED = generateSecret()
const OTHER = generateSecret()
const generated = { kind: 'secret', id: GENERATED.credentialId, hash: GENERATED.hash } as const
const chosen = { kind: 'secret', id: 'chosen', hash: fakeHashOf('a secret') } as const

/** Every state in which a client can be found, or not. */
const CLIENTS = [
  defineClient({ id: 'generated', credentials: [generated] }),
  defineClient({ id: 'chosen', credentials: [chosen] }),
  defineClient({ id: 'both', credentials: [chosen, generated] }),
  defineClient({ id: 'neither' }),
  defineClient({ id: 'disabled', enabled: false, credentials: [chosen, generated] }),
  defineClient({
    id: 'expired',
    credentials: [
      { ...chosen, expiresAt: NOW },
      { ...generated, expiresAt: NOW },
    ],
  }),
  defineClient({ id: 'post-only', tokenEndpointAuthMethod: 'client_secret_post', credentials: [chosen, generated] }),
]
const IDS = ['unknown', 'not registrable', ...CLIENTS.map(({ id }) => id)]

const clients = { find: async (id: string) => CLIENTS.find((client) => client.id === id) }
const tokens = {
  save: async () => {},
  find: async () => undefined,
  revoke: async () => {},
  isRevoked: async () => false,
}
const createServer = (more: object = {}) =>
  createAuthorizationServer({ issuer: 'https://auth.example.com', clients, tokens, clock: { now: () => NOW }, ...more })

/** The work of one attempt at a server that remembers nothing yet. */
async function workOf(id: string, secret: string, method: 'basic' | 'post' | 'verb', more: object = {}) {
  reset()
  const server = createServer(more)
  const form = formOf({
    grant_type: 'client_credentials',
    ...(method === 'post' && { client_id: id, client_secret: secret }),
  })
  const attempt =
    method === 'verb'
      ? server.verifyClient({ clientId: id, clientSecret: secret })
      : server.token(method === 'basic' ? { authorization: `Basic ${btoa(`${id}:${secret}`)}`, form } : { form })
  const passed = await attempt.then(
    () => true,
    () => false,
  )
  return { passed, derived: work.derived.length, hashed: work.hashed.length, compared: work.compared }
}

beforeEach(reset)

describe.each(['basic', 'post', 'verb'] as const)('an attempt by %s', (method) => {
  it.each(IDS)('with a wrong secret of the generated form costs one hash and one comparison: %s', async (id) => {
    expect(await workOf(id, OTHER.secret, method)).toEqual({ passed: false, derived: 0, hashed: 1, compared: 1 })
  })

  it.each(IDS)('with any other wrong secret costs one derivation: %s', async (id) => {
    expect(await workOf(id, 'a guess', method)).toEqual({ passed: false, derived: 1, hashed: 0, compared: 0 })
  })

  it.each(IDS)('lets nobody in under a profile without secrets, right or wrong, for the same work: %s', async (id) => {
    const under = { profile: 'fapi2', mutualTls: {} }
    for (const secret of [GENERATED.secret, OTHER.secret])
      expect(await workOf(id, secret, method, under)).toEqual({ passed: false, derived: 0, hashed: 1, compared: 1 })
    for (const secret of ['a secret', 'a guess'])
      expect(await workOf(id, secret, method, under)).toEqual({ passed: false, derived: 0, hashed: 0, compared: 0 })
  })

  it.each(IDS)('with the right secret costs no more than a wrong one: %s', async (id) => {
    expect(await workOf(id, 'a secret', method)).toMatchObject({ derived: 1, compared: 0 })
    expect(await workOf(id, GENERATED.secret, method)).toMatchObject({ derived: 0, compared: 1 })
  })

  it.each(IDS)(
    'with a generated secret that is mistyped costs a derivation, since anybody may have chosen it: %s',
    async (id) => {
      const mistyped = GENERATED.secret.slice(0, -1) + (GENERATED.secret.endsWith('a') ? 'b' : 'a')
      expect(await workOf(id, mistyped, method)).toEqual({ passed: false, derived: 1, hashed: 0, compared: 0 })
    },
  )

  it.each(IDS)('costs no derivation at all at a server of generated secrets only: %s', async (id) => {
    const only = { generatedSecretsOnly: true }
    expect(await workOf(id, 'a secret', method, only)).toEqual({ passed: false, derived: 0, hashed: 0, compared: 0 })
    expect(await workOf(id, OTHER.secret, method, only)).toEqual({ passed: false, derived: 0, hashed: 1, compared: 1 })
  })
})

describe.each(['post', 'verb'] as const)('an attempt by %s', (method) => {
  it.each([
    ['nothing', ''],
    ['too much', 's'.repeat(1025)],
    ['a NUL after it', 'a secret\0'],
    ['a letter beyond ASCII', 'ä'],
  ])('costs nothing with what can be nobody’s secret: %s', async (_, secret) => {
    for (const id of ['unknown', 'chosen'])
      expect(await workOf(id, secret, method)).toEqual({ passed: false, derived: 0, hashed: 0, compared: 0 })
  })
})

describe('an attempt whose header reads in two ways', () => {
  it.each(['unknown', 'chosen', 'disabled'])('costs a derivation for each reading that differs: %s', async (id) => {
    expect(await workOf(id, 'a%20guess', 'basic')).toMatchObject({ passed: false, derived: 2 })
    expect(work.derived).toEqual(['a guess', 'a%20guess'])
    expect(await workOf(id, 'a%ffguess', 'basic')).toMatchObject({ passed: false, derived: 1 })
  })

  it('costs only one derivation when the first reading passes', async () => {
    expect(await workOf('chosen', 'a%20secret', 'basic')).toMatchObject({ passed: true, derived: 1 })
  })

  it('costs two derivations for an encoded id as well, whether anybody holds it or not', async () => {
    expect(await workOf('%63hosen', 'a guess', 'basic')).toMatchObject({ derived: 2 })
    expect(await workOf('%75nknown', 'a guess', 'basic')).toMatchObject({ derived: 2 })
  })
})

describe('the repetition of a success', () => {
  const attempt = (server: ReturnType<typeof createServer>, id: string) =>
    server.verifyClient({ clientId: id, clientSecret: 'a secret' }).catch(() => undefined)

  it('costs no derivation where it passes, and one wherever it does not', async () => {
    const server = createServer()
    for (const id of ['chosen', 'both', 'disabled', 'expired', 'unknown', 'generated']) {
      await attempt(server, id)
      reset()
      await attempt(server, id)
      expect([id, work.derived.length]).toEqual([id, ['chosen', 'both'].includes(id) ? 0 : 1])
    }
  })
})
