import { CompactEncrypt, compactDecrypt, createLocalJWKSet, importJWK, type JSONWebKeySet, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import {
  defineResource,
  parseForm,
  type Resource,
  type ResourceDefinition,
  type SigningAlgorithm,
} from '../../src/index.ts'
import { ecPair, PUBLIC_KEY_WAYS } from '../encryption-keys.ts'
import { createJwtTestServer, partsOf } from '../jwt-server.ts'
import { KEY_PAIR_ALGORITHMS } from '../signing-keys.ts'
import {
  asReports,
  asStranger,
  basic,
  createTestServer,
  ISSUER,
  NOW,
  REPORTS,
  refusalOf,
  reports,
  stranger,
  type TestServer,
} from '../test-server.ts'

const ORDERS = 'https://orders.example.com'
const INVOICES = 'https://invoices.example.com'

const repositoryOf = (...definitions: readonly ResourceDefinition[]) => {
  const resources = new Map(definitions.map(defineResource).map((resource) => [resource.identifier, resource]))
  return { find: async (identifier: string): Promise<Resource | undefined> => resources.get(identifier) }
}

const clients = [reports({ resources: [ORDERS, INVOICES] }), stranger({ resourceServerFor: [ORDERS] })]

const ask = ({ server }: TestServer, ...resources: readonly string[]) =>
  server.token({
    authorization: basic('reports', REPORTS.secret),
    form: parseForm(`grant_type=client_credentials&${resources.map((name) => `resource=${name}`).join('&')}`),
  })

const read = ({ server }: TestServer, token: string, audience: string) => {
  const published = JSON.parse(server.jwks?.({ ifNoneMatch: undefined }).body ?? '') as JSONWebKeySet
  const currentDate = new Date(NOW * 1000)
  return jwtVerify(token, createLocalJWKSet(published), { typ: 'at+jwt', issuer: ISSUER, audience, currentDate })
}

const jwtFor = (identifier: string, more: Partial<ResourceDefinition> = {}): ResourceDefinition => ({
  identifier,
  scopes: ['read'],
  accessTokenFormat: 'jwt',
  ...more,
})

describe('the tokens for a resource that names an algorithm', () => {
  it.each(KEY_PAIR_ALGORITHMS)(
    'RFC 9068 §2.1 · F12 · are signed by %s, and others by that of the server',
    async (alg) => {
      const own: SigningAlgorithm = alg === 'ES256' ? 'PS256' : 'ES256'
      const resources = repositoryOf(jwtFor(ORDERS, { accessTokenSigningAlg: alg }), jwtFor(INVOICES))
      const test = await createJwtTestServer(clients, { resources }, { alg: [own, alg] })
      const { protectedHeader } = await read(test, (await ask(test, ORDERS)).access_token, ORDERS)
      expect(protectedHeader).toEqual({ alg, typ: 'at+jwt', kid: test.ring.signingKey(NOW, alg).kid })
      expect(partsOf((await ask(test, INVOICES)).access_token).header['alg']).toBe(own)
      expect(partsOf((await ask(test)).access_token).header['alg']).toBe(own)
      // One that names none takes what the other wants.
      const both = await ask(test, INVOICES, ORDERS)
      expect(partsOf(both.access_token).header['alg']).toBe(alg)
      expect(await test.server.introspect(asReports({ token: both.access_token }))).toMatchObject({ active: true })
    },
  )

  it('RFC 9068 §2.1 · F12 · are a server error while there is no key of it, and nobody gets another', async () => {
    const resources = repositoryOf(jwtFor(ORDERS, { accessTokenSigningAlg: 'RS256' }))
    const ringless = await createJwtTestServer(clients, { resources })
    const shared = createTestServer(clients, { resources, jwtSecret: { secret: 'x'.repeat(32) } })
    const { ring } = await createJwtTestServer()
    // A signer of somebody's own that has one key, and never heard of others.
    const single = createTestServer(clients, {
      resources,
      signer: { ...ring, signingKey: (now) => ring.signingKey(now) },
    })
    for (const [test, reason] of [
      [ringless, 'Signer.signingKey failed: there is no key of RS256 to sign with yet'],
      [shared, 'the resource takes RS256, and the server signs with a shared secret'],
      [single, 'Signer.signingKey failed: the resource takes RS256, and the signer signs with ES256 alone'],
    ] as const) {
      expect(await refusalOf(ask(test, ORDERS))).toBe('500 server_error')
      expect(await test.events()).toMatchObject([{ error: 'server_error', reason }])
    }
  })
})

describe.each(PUBLIC_KEY_WAYS)(
  'the tokens for a resource with a key on $curve for $alg and $enc',
  ({ alg, enc, pair }) => {
    const encryption = { alg, enc, key: { ...pair.publicKey, kid: 'orders' } }
    const resources = repositoryOf(
      jwtFor(ORDERS, {
        accessTokenEncryption: encryption,
        accessTokenSigningAlg: 'RS256',
        claims: { secret: 'of state' },
      }),
      jwtFor(INVOICES),
    )
    const create = (more = {}) => createJwtTestServer(clients, { resources, ...more }, { alg: ['ES256', 'RS256'] })
    const opened = async (token: string) => {
      const { plaintext, protectedHeader } = await compactDecrypt(token, await importJWK(pair.privateKey, alg))
      return { jws: Buffer.from(plaintext).toString(), protectedHeader }
    }

    it('RFC 9068 §4 · F12 · are signed, and then encrypted for it alone', async () => {
      const test = await create()
      const { access_token: token } = await ask(test, ORDERS)
      const { jws, protectedHeader } = await opened(token)
      expect(protectedHeader).toMatchObject({ alg, enc, cty: 'JWT', typ: 'at+jwt', kid: 'orders' })
      const { payload, protectedHeader: signed } = await read(test, jws, ORDERS)
      expect(signed.alg).toBe('RS256')
      expect(payload).toMatchObject({ aud: ORDERS, client_id: 'reports', secret: 'of state' })
      expect(partsOf((await ask(test, INVOICES)).access_token).header).not.toHaveProperty('enc')
    })

    it('RFC 9068 §4 · F12 · are encrypted to its key, and not with the one that the other APIs share', async () => {
      const accessTokenEncryption = { alg: 'dir', enc: 'A256GCM', key: 'A'.repeat(43) } as const
      const test = await create({ accessTokenEncryption })
      const { jws } = await opened((await ask(test, ORDERS)).access_token)
      expect((await read(test, jws, ORDERS)).payload.aud).toBe(ORDERS)
      expect(partsOf((await ask(test, INVOICES)).access_token.replace(/\..*/, '.e30')).header).toMatchObject({
        alg: 'dir',
      })
    })

    it('RFC 7662 §2.2 · F12 · are inactive as they are, and active as what the API took out', async () => {
      const test = await create()
      const { access_token: token } = await ask(test, ORDERS)
      const { jws } = await opened(token)
      for (const as of [asReports, asStranger]) {
        expect(await test.server.introspect(as({ token }))).toEqual({ active: false })
        expect(await test.server.introspect(as({ token: jws }))).toMatchObject({ active: true, aud: ORDERS })
      }
      expect(await test.server.verifyAccessToken({ token })).toMatchObject({ ok: false })
      await test.server.revoke(asReports({ token: jws }))
      expect(await test.server.introspect(asStranger({ token: jws }))).toEqual({ active: false })
    })

    it('RFC 7009 §2.2.1 · F12 · cannot be revoked as they are, and the client is told so', async () => {
      const test = await create()
      const { access_token: token } = await ask(test, ORDERS)
      expect(await refusalOf(test.server.revoke(asReports({ token })))).toBe('400 unsupported_token_type')
      expect(test.revoked.size).toBe(0)
      // Anything that merely has five parts is as unknown as anything else.
      await test.server.revoke(asReports({ token: 'a.b.c.d.e' }))
    })
  },
)

it('RFC 7662 §2.2 · F12 · garbage that is encrypted, or looks so, is inactive, whoever has made it', async () => {
  const { publicKey } = ecPair()
  const [alg, enc] = ['ECDH-ES+A256KW', 'A256GCM'] as const
  const encryption = { alg, enc, key: publicKey }
  const resources = repositoryOf(jwtFor(ORDERS, { accessTokenEncryption: encryption }))
  for (const more of [{}, { accessTokenEncryption: { alg: 'dir', enc: 'A256GCM', key: 'A'.repeat(43) } as const }]) {
    const test = await createJwtTestServer(clients, { resources, ...more })
    const { access_token: token } = await ask(test, ORDERS)
    const forged = new CompactEncrypt(Buffer.from('{}')).setProtectedHeader({ alg, enc, cty: 'JWT', typ: 'at+jwt' })
    const made = await forged.encrypt(await importJWK(publicKey, alg))
    for (const value of [made, `${token}x`, `${token}.`, token.replace(/^[^.]*/, ''), 'a.b.c.d.e', '....', '.....'])
      expect(await test.server.introspect(asReports({ token: value }))).toEqual({ active: false })
  }
})

describe('a resource whose key is broken in the storage', () => {
  const sound = jwtFor(ORDERS, {
    accessTokenEncryption: { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', key: ecPair().publicKey },
  })

  it.each<[string, object, string]>([
    ['no key', { alg: 'ECDH-ES+A256KW', enc: 'A256GCM' }, '503 temporarily_unavailable'],
    ['another algorithm', { ...sound.accessTokenEncryption, alg: 'none' }, '503 temporarily_unavailable'],
    ['null', null as never, '503 temporarily_unavailable'],
    ['half a key', { ...sound.accessTokenEncryption, key: { kty: 'EC', crv: 'P-256' } }, '500 server_error'],
  ])('RFC 9068 §4 · F12 · gets no token in clear: %s', async (_what, accessTokenEncryption, refusal) => {
    const find = async () => ({ ...defineResource(sound), accessTokenEncryption }) as unknown as Resource
    const test = await createJwtTestServer(clients, { resources: { find } })
    expect(await refusalOf(ask(test, ORDERS))).toBe(refusal)
  })
})
