import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { defineClient } from '../../src/domain/client.ts'
import type { Credential, JwksCredential, TrustedIssuerCredential } from '../../src/domain/credential.ts'

const publicJwk = (key: { export(options: { format: 'jwk' }): object }): object => key.export({ format: 'jwk' })
const P256 = publicJwk(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)
const ED25519 = publicJwk(generateKeyPairSync('ed25519').publicKey)
const PRIVATE_P256 = publicJwk(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
const RSA_2048 = publicJwk(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey)
const RSA_1024 = publicJwk(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)
const X25519 = publicJwk(generateKeyPairSync('x25519').publicKey)
const K256 = publicJwk(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey)

const held = (credential: object) => defineClient({ id: 'a', credentials: [credential as Credential] }).credentials[0]
const jwks = (...keys: object[]): object => ({ kind: 'jwks', id: 'k', keys })
const name = (more: object): object => ({ kind: 'tls_client_auth', id: 'n', ...more })
const issuer = (more: Partial<Record<keyof TrustedIssuerCredential, unknown>> = {}): object => ({
  kind: 'trusted_issuer',
  id: 'i',
  issuer: 'https://issuer.example',
  subject: 'system:serviceaccount:jobs:*',
  audience: 'https://as.example',
  maxLifetimeSeconds: 3600,
  singleUse: false,
  ...more,
})

describe('credentials without a secret', () => {
  it.each([
    ['a key on P-256', jwks({ ...P256, kid: '1', alg: 'ES256', use: 'sig' })],
    ['keys of each type', jwks(P256, ED25519, RSA_2048)],
    [
      'two keys of one name, of which the type tells which it is',
      jwks({ ...P256, kid: '1' }, { ...ED25519, kid: '1' }),
    ],
    ['an RSA key kept for one algorithm', jwks({ ...RSA_2048, alg: 'PS256' })],
    ['32 keys', jwks(...Array.from({ length: 32 }, () => P256))],
    ['an address', { kind: 'jwks_uri', id: 'k', uri: 'https://keys.example:8443/jwks?of=a' }],
    ['a distinguished name', name({ subjectDn: 'CN=a,O=b' })],
    ['the address of a machine', name({ sanIp: '::1' })],
    ['an issuer', issuer()],
    ['an issuer with a path', issuer({ issuer: 'https://issuer.example/a/b', maxLifetimeSeconds: 86_400 })],
  ])('keeps %s', (_, credential) => {
    expect(held(credential)).toEqual(credential)
  })

  it('keeps of a key what verifies, and of a chain of certificates the first', () => {
    const key = { ...P256, key_ops: ['verify'], ext: true, x5t: 'AA', x5u: 'https://a.example', x5c: ['MII=', 'MIJ='] }
    expect((held(jwks(key)) as JwksCredential).keys).toEqual([{ ...P256, x5c: ['MII='] }])
  })

  it.each([
    ['a kind that nobody knows', { kind: 'password', id: 'x' }, 'kind must be one of'],
    ['a kind that is inherited', { kind: 'constructor', id: 'x' }, 'kind must be one of'],
    ['no keys', jwks(), 'keys must be a list of 1 to 32'],
    ['33 keys', jwks(...Array.from({ length: 33 }, () => P256)), 'keys must be a list of 1 to 32'],
    ['keys that are no list', { kind: 'jwks', id: 'k', keys: { 0: P256 } }, 'keys must be a list'],
    ['a key that is a text', { kind: 'jwks', id: 'k', keys: ['MII='] }, 'keys[0] must be a public key'],
    ['a private key', jwks(P256, PRIVATE_P256), 'keys[1] must be the public half alone, and has d'],
    ['a shared key', jwks({ kty: 'oct', k: 'c2VjcmV0' }), 'keys[0] must be the public half alone, and has k'],
    ['an RSA key of 1024 bits', jwks(RSA_1024), 'keys[0] must have 2048 to 8192 bits'],
    ['a key for agreement', jwks(X25519), 'keys[0] must be on the curve Ed25519'],
    ['a curve that JWS has no algorithm for', jwks(K256), 'keys[0] must be on one of the curves'],
    ['a type that is inherited', jwks({ ...P256, kty: 'constructor' }), 'keys[0] must be of the type'],
    ['a point beside its curve', jwks({ ...P256, y: 'A'.repeat(43) }), 'keys[0] is not on the curve P-256'],
    ['a key for encryption', jwks({ ...P256, use: 'enc' }), 'keys[0] has a use that is not "sig"'],
    ['an alg of another type', jwks({ ...P256, alg: 'RS256' }), 'keys[0] has an alg'],
    ['an alg of another curve', jwks({ ...P256, alg: 'ES384' }), 'keys[0] has an alg'],
    ['an alg with shared keys', jwks({ ...P256, alg: 'HS256' }), 'keys[0] has an alg'],
    ['a name of a key that is none', jwks({ ...P256, kid: 'a b' }), 'keys[0] has a kid'],
    ['a certificate that is none', jwks({ ...P256, x5c: ['-----BEGIN'] }), 'keys[0] has an x5c'],
    ['an address without TLS', { kind: 'jwks_uri', id: 'k', uri: 'http://keys.example/jwks' }, 'uri must be'],
    ['an address that is a file', { kind: 'jwks_uri', id: 'k', uri: 'file:///etc/passwd' }, 'uri must be'],
    ['an address with userinfo', { kind: 'jwks_uri', id: 'k', uri: 'https://a:b@keys.example/' }, 'uri must be'],
    ['an address with a fragment', { kind: 'jwks_uri', id: 'k', uri: 'https://keys.example/#a' }, 'uri must be'],
    ['an address that a parser mends', { kind: 'jwks_uri', id: 'k', uri: 'https:\\\\keys.example' }, 'uri must be'],
    ['no name', name({}), 'exactly one of subjectDn'],
    ['two names', name({ sanDns: 'a.example', sanUri: 'spiffe://a' }), 'exactly one of subjectDn'],
    ['an empty name', name({ sanDns: '' }), 'sanDns must be 1 to 1024'],
    ['a name with a control character', name({ sanDns: 'a\u0000.example' }), 'sanDns must be 1 to 1024'],
    ['an issuer without TLS', issuer({ issuer: 'http://issuer.example' }), 'issuer must be an https URL'],
    ['an issuer with a query', issuer({ issuer: 'https://issuer.example?a' }), 'issuer must be an https URL'],
    ['a subject that is anybody', issuer({ subject: '*:*' }), 'subject must name something'],
    ['no audience', issuer({ audience: '' }), 'audience must be'],
    ['a life of more than a day', issuer({ maxLifetimeSeconds: 86_401 }), 'maxLifetimeSeconds must be 1 to 86400'],
    ['no word on single use', issuer({ singleUse: undefined }), 'singleUse must be true or false'],
  ])('refuses %s', (_, credential, problem) => {
    expect(() => held(credential)).toThrow(problem)
  })

  it('repeats nothing of a private key that was given', () => {
    const { d } = PRIVATE_P256 as { d: string }
    expect(() => held(jwks(PRIVATE_P256))).toThrow(expect.not.objectContaining({ message: expect.stringContaining(d) }))
  })
})

describe('what a client may sign with', () => {
  it.each([
    ['private_key_jwt', 'HS256'],
    ['client_secret_jwt', 'ES256'],
  ] as const)('is refused where the method %s cannot have it: %s', (tokenEndpointAuthMethod, alg) => {
    expect(() => defineClient({ id: 'a', tokenEndpointAuthMethod, tokenEndpointAuthSigningAlg: alg })).toThrow(
      `tokenEndpointAuthSigningAlg must not be ${alg} for ${tokenEndpointAuthMethod}`,
    )
  })
})
