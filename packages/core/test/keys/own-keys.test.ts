import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { openOwnKeys } from '../../src/index.ts'
import { createJwtTestServer, partsOf } from '../jwt-server.ts'
import { asReports, tokenOf } from '../test-server.ts'

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey
const rsa = (modulusLength: number, publicExponent = 65_537) =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent }).privateKey
const ed = generateKeyPairSync('ed25519').privateKey
const p256 = ec('P-256')
const rsa2048 = rsa(2048)
const pem = (key: KeyObject, type: 'pkcs8' | 'sec1' | 'pkcs1' = 'pkcs8') =>
  key.export({ format: 'pem', type: type as 'pkcs8' }).toString()
const jwk = (key: KeyObject, more: object = {}) => ({ ...key.export({ format: 'jwk' }), ...more })
const publicJwk = (key: KeyObject, more: object = {}) => {
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...members } = jwk(key)
  return { ...members, ...more }
}

describe('keys of one’s own', () => {
  it.each([
    ['P-256 in PEM', pem(p256), 'ES256'],
    ['P-256 in PEM, as OpenSSL writes it', `\n${pem(p256, 'sec1')}`, 'ES256'],
    ['P-384 in PEM', pem(ec('P-384')), 'ES384'],
    ['P-521 in PEM', pem(ec('P-521')), 'ES512'],
    ['Ed25519 in PEM', pem(ed), 'EdDSA'],
    ['RSA in PEM', pem(rsa2048), 'RS256'],
    ['RSA in PEM of PKCS #1', pem(rsa2048, 'pkcs1'), 'RS256'],
    ['P-256 as a JWK', JSON.stringify(jwk(p256)), 'ES256'],
    ['Ed25519 as a JWK that says which algorithm', JSON.stringify(jwk(ed, { alg: 'Ed25519', use: 'sig' })), 'Ed25519'],
    ['RSA as a JWK that says which algorithm', JSON.stringify(jwk(rsa2048, { alg: 'PS384' })), 'PS384'],
    ['a JWK Set', JSON.stringify({ keys: [jwk(p256)] }), 'ES256'],
  ])('sign: %s', async (_what, keys, alg) => {
    const test = await createJwtTestServer(undefined, { signer: await openOwnKeys({ keys }) })
    const token = await tokenOf(test)
    expect(partsOf(token).header).toMatchObject({ alg, kid: expect.stringMatching(/^[\w-]{43}$/) as unknown })
    expect(await test.server.introspect(asReports({ token }))).toMatchObject({ active: true })
  })

  it('sign by the algorithm that was asked for', async () => {
    const { signingKey } = await openOwnKeys({ keys: pem(rsa2048), alg: 'PS512' })
    expect(signingKey(0).alg).toBe('PS512')
  })

  it('sign by another algorithm that a resource takes with the first private key of it, and by none that they have not', async () => {
    const keys = JSON.stringify({
      keys: [
        jwk(p256, { kid: 'own' }),
        publicJwk(rsa(2048), { kid: 'of-before' }),
        jwk(rsa2048, { kid: 'rsa' }),
        jwk(rsa(2048), { kid: 'to-come' }),
        jwk(ed, { kid: 'ed' }),
      ],
    })
    const signer = await openOwnKeys({ keys })
    expect(signer.algorithms()).toEqual(['ES256', 'RS256', 'EdDSA'])
    expect([undefined, 'ES256', 'RS256', 'EdDSA'].map((alg) => signer.signingKey(0, alg as 'ES256').kid)).toEqual([
      'own',
      'own',
      'rsa',
      'ed',
    ])
    expect(() => signer.signingKey(0, 'PS256')).toThrow('there is no private key of PS256')
    const mixed = { keys: [jwk(p256), { ...jwk(rsa2048), ...publicJwk(rsa(2048)) }] }
    await expect(openOwnKeys({ keys: JSON.stringify(mixed) })).rejects.toThrow(/^key 2( of 2 cannot be read| has two)/)
  })

  it('are called by their kid, and are published with those of before and those to come', async () => {
    const keys = JSON.stringify({
      keys: [jwk(p256, { kid: 'now' }), publicJwk(ec('P-256'), { kid: 'before' }), jwk(ed, { kid: 'next' })],
    })
    const signer = await openOwnKeys({ keys })
    expect(signer.signingKey(0).kid).toBe('now')
    expect(signer.publishedKeys().map(({ kid, alg }) => `${kid} ${alg}`)).toEqual([
      'now ES256',
      'before ES256',
      'next EdDSA',
    ])
    expect(JSON.stringify(signer.publishedKeys())).not.toMatch(/"(?:d|p|q|dp|dq|qi)"/)
    expect(signer.publishedKeys()).toBe(signer.publishedKeys())
  })

  const swapped = { ...jwk(p256), d: jwk(ec('P-256')).d }

  it.each([
    ['nothing', '', 'it is neither PEM, nor a JWK'],
    ['a text', 'TopSecret', 'it is neither PEM, nor a JWK'],
    ['JSON of another kind', '[]', 'it is neither PEM, nor a JWK, nor a JWK Set'],
    ['a JWK Set without keys', '{"keys":[]}', 'keys must be a list of at least one JWK'],
    ['a member that is given twice', '{"kty":"EC","kty":"RSA"}', 'the name "kty" is given twice'],
    [
      'PEM that was cut',
      pem(p256).slice(0, 100),
      'the key cannot be read: it must be a private key in PEM, without a passphrase',
    ],
    [
      'a key with a passphrase',
      p256.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'hush' }).toString(),
      'the key cannot be read: it must be a private key in PEM, without a passphrase',
    ],
    ['a JWK of nothing', '{"kty":"EC","d":"x"}', 'the key cannot be read: it must be a JWK of the type EC, OKP or RSA'],
    ['a secret', '{"kty":"oct","k":"AAAA"}', 'the key is a secret'],
    [
      'RSA of 1024 bits',
      pem(rsa(1024)),
      'the key is unfit: an RSA key must have 2048 to 8192 bits, and this one has 1024',
    ],
    ['a curve of another kind', pem(ec('secp256k1')), 'the key is unfit: RS256 takes a key of the type rsa'],
    ['Ed448', pem(generateKeyPairSync('ed448').privateKey), 'the key is unfit: RS256 takes a key of the type rsa'],
    [
      'RSA for PSS alone',
      pem(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey),
      'the key cannot be read',
    ],
    [
      'a key that says another algorithm',
      JSON.stringify(jwk(p256, { alg: 'ES384' })),
      'the key is unfit: ES384 takes a key on the curve',
    ],
    [
      'a key for an algorithm that there is not',
      JSON.stringify(jwk(p256, { alg: 'none' })),
      'the key is for none of the algorithms',
    ],
    ['a key for HMAC', JSON.stringify(jwk(p256, { alg: 'HS256' })), 'the key is for none of the algorithms'],
    ['a key that encrypts', JSON.stringify(jwk(rsa2048, { use: 'enc' })), 'the key has a use that is not "sig"'],
    ['a kid that is no text', JSON.stringify(jwk(p256, { kid: 7 })), 'the key has a kid that is not'],
    ['a kid with a line break', JSON.stringify(jwk(p256, { kid: 'a\nb' })), 'the key has a kid that is not'],
    ['a public key alone', JSON.stringify(publicJwk(p256)), 'the first key must be a private one: it signs'],
    ['a public key in PEM', '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----', 'the key cannot be read'],
    ['halves of two keys', JSON.stringify(swapped), 'halves that do not belong together'],
    [
      'one kid for two keys',
      JSON.stringify({ keys: [jwk(p256, { kid: 'a' }), jwk(ed, { kid: 'a' })] }),
      'two keys have one kid',
    ],
    [
      'one key with two algorithms',
      JSON.stringify({
        keys: [jwk(rsa2048, { kid: 'a', alg: 'RS256' }), publicJwk(rsa2048, { kid: 'b', alg: 'PS256' })],
      }),
      'one key is there twice',
    ],
    ['a second key that is wrong', JSON.stringify({ keys: [jwk(p256), { kty: 'EC' }] }), 'key 2 of 2 cannot be read'],
  ])('are refused by name: %s', async (_what, keys, message) => {
    const opening = openOwnKeys({ keys })
    await expect(opening).rejects.toThrow(TypeError)
    await expect(opening).rejects.toThrow(message)
    const error = await opening.catch((thrown: unknown) => thrown as Error)
    const { d } = jwk(p256)
    expect(String((error as Error).message)).not.toContain(d)
  })

  it('are refused where the algorithm that was asked for is another than theirs', async () => {
    await expect(openOwnKeys({ keys: pem(p256), alg: 'EdDSA' })).rejects.toThrow(
      'the key is unfit: EdDSA takes a key of the type ed25519, and this is one of the type ec',
    )
  })
})
