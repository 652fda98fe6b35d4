import { randomBytes } from 'node:crypto'
import type { JsonObject } from '@latchkey/core'
import { CompactEncrypt, exportJWK, generateKeyPair, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  API,
  claimsOf,
  type IssuerKey,
  json,
  makeKey,
  PATHS,
  sign,
  startIssuer,
  type TestIssuer,
  verifierOf,
} from './test-issuer.ts'

const REFUSED = { ok: false, error: 'invalid_token' }

/** A key pair of an API, for one algorithm. */
interface ApiKey {
  readonly alg: string
  readonly publicKey: JWK
  readonly privateKey: JsonObject
}

async function makeApiKey(alg: string, more: object = {}): Promise<ApiKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  return {
    alg,
    publicKey: await exportJWK(publicKey),
    privateKey: { ...(await exportJWK(privateKey)), ...more } as unknown as JsonObject,
  }
}

/** Encrypts as an issuer does, by another library. */
const seal = ({ alg, publicKey }: Omit<ApiKey, 'privateKey'>, text: string, header: object = {}): Promise<string> =>
  new CompactEncrypt(Buffer.from(text))
    .setProtectedHeader({ alg, enc: 'A256GCM', cty: 'JWT', typ: 'at+jwt', ...header })
    .encrypt(publicKey)

let issuer: TestIssuer
let key: IssuerKey
let api: ApiKey
beforeAll(async () => {
  key = await makeKey('ES256', 'current')
  issuer = await startIssuer(key)
  api = await makeApiKey('ECDH-ES+A256KW')
})
afterAll(() => issuer.close())

const verifierWith = (...keys: readonly ApiKey[]) =>
  verifierOf(issuer, { decryptionKeys: keys.map(({ privateKey }) => privateKey) })

describe.each([
  ['RSA-OAEP-256', 'A128GCM'],
  ['RSA-OAEP-256', 'A256GCM'],
  ['ECDH-ES+A256KW', 'A128GCM'],
  ['ECDH-ES+A256KW', 'A256GCM'],
])('a signed token that was encrypted to the API by %s and %s', (alg, enc) => {
  let own: ApiKey
  beforeAll(async () => {
    own = await makeApiKey(alg, { kid: 'present' })
  })

  it('passes, as it would without', async () => {
    const { verify } = verifierWith(own)
    const token = await seal(own, await sign(key, claimsOf(issuer.issuer)), { enc, kid: 'present' })
    expect(await verify(token)).toMatchObject({
      ok: true,
      accessToken: { clientId: 'nightly-reports', scopes: ['sales:read'], audience: [API] },
    })
  })

  it('passes by the key of before while the API changes it, and by no other', async () => {
    const next = await makeApiKey(alg, { kid: 'next' })
    const token = await seal(own, await sign(key, claimsOf(issuer.issuer)), { enc, kid: 'present' })
    expect(await verifierWith(next, own).verify(token)).toMatchObject({ ok: true })
    const { verify, reasons } = verifierWith(next)
    expect(await verify(token)).toEqual(REFUSED)
    expect(reasons()).toEqual(['the token is not encrypted to a key of this API'])
  })
})

describe('an API that tokens are encrypted to', () => {
  it('refuses one that is not, though its signature is good', async () => {
    const { verify, reasons } = verifierWith(api)
    expect(await verify(await sign(key, claimsOf(issuer.issuer)))).toEqual(REFUSED)
    expect(reasons()).toEqual(['the token is not encrypted'])
  })

  it('takes nothing for a token because somebody has encrypted it: anybody can', async () => {
    const { verify } = verifierWith(api)
    const forger = await makeKey('ES256', 'current')
    const good = await sign(key, claimsOf(issuer.issuer))
    const [, payload] = good.split('.')
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt', kid: 'current' })).toString('base64url')
    for (const text of [
      await sign(forger, claimsOf(issuer.issuer)),
      await sign(forger, claimsOf(issuer.issuer), { jwk: forger.jwk }),
      await sign(key, claimsOf(issuer.issuer, { aud: 'https://other.example.com' })),
      await sign(key, claimsOf(issuer.issuer, { exp: 1 })),
      await sign(key, claimsOf(issuer.issuer), { typ: 'JWT' }),
      `${none}.${payload}.`,
      await seal(api, good),
      JSON.stringify(claimsOf(issuer.issuer)),
      'lk_at_token',
      '',
    ])
      expect(await verify(await seal(api, text))).toEqual(REFUSED)
    expect(await verify(await seal(api, good))).toMatchObject({ ok: true })
  })

  it('refuses garbage, and a token that anything of was changed', async () => {
    const { verify } = verifierWith(api)
    const token = await seal(api, await sign(key, claimsOf(issuer.issuer)))
    const segments = token.split('.')
    const changed = segments.map((segment, index) =>
      segments.with(index, `${segment.startsWith('A') ? 'B' : 'A'}${segment.slice(1)}`).join('.'),
    )
    for (const forged of [
      ...changed,
      '....',
      'a.b.c.d.e',
      `${token}.`,
      `.${token}`,
      `${token}=`,
      randomBytes(300).toString('hex'),
    ])
      expect(await verify(forged)).toEqual(REFUSED)
  })

  it('takes no other way of encrypting, whoever knows the key', async () => {
    const { verify } = verifierWith(api)
    const good = await sign(key, claimsOf(issuer.issuer))
    for (const header of [{ typ: 'JWT' }, { cty: 'json' }, { enc: 'A128CBC-HS256' }, { jku: 'https://evil.example' }])
      expect(await verify(await seal(api, good, header))).toEqual(REFUSED)
    for (const alg of ['ECDH-ES', 'ECDH-ES+A128KW'])
      expect(await verify(await seal({ alg, publicKey: api.publicKey }, good))).toEqual(REFUSED)
  })

  it('asks the issuer about what it took out, and never about what it was sent', async () => {
    const told: string[] = []
    issuer.answers.set(PATHS.introspection, (request, response, body) => {
      told.push(new URLSearchParams(body).get('token') ?? '')
      json({ active: true, ...claimsOf(issuer.issuer) })(request, response, body)
    })
    const jws = await sign(key, claimsOf(issuer.issuer))
    for (const mode of ['always', 'only'] as const) {
      const introspection = { clientId: 'sales-api', clientSecret: 's3cret', mode, cacheSeconds: 0 }
      const { verify } = verifierOf(issuer, { decryptionKeys: [api.privateKey], introspection })
      expect(await verify(await seal(api, jws))).toMatchObject({ ok: true })
      expect(await verify(`${await seal(api, jws)}x`)).toEqual(REFUSED)
      expect(await verify(jws)).toEqual(REFUSED)
      // A reference is no signed token, and needs no encryption.
      expect(await verify('lk_at_token')).toMatchObject({ ok: true })
    }
    expect(told).toEqual([jws, 'lk_at_token', jws, 'lk_at_token'])
  })
})
