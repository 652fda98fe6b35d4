import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  type AuthorizationServerOptions,
  checkIssuer,
  clientCredentials,
  createAuthorizationServer,
  isLoopback,
} from '../src/index.ts'
import { ISSUER } from './test-server.ts'

const clients = { find: async () => undefined }
const tokens = {
  save: async () => {},
  find: async () => undefined,
  revoke: async () => {},
  isRevoked: async () => false,
}
const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key = { kid: 'key-1', alg: 'ES256', publicKey: publicKey.export({ format: 'jwk' }) }
const signer = {
  publishedForSeconds: 60,
  longestTokenSeconds: 60,
  signingKey: () => undefined,
  publishedKeys: () => [key],
}
const jwtSecret = { secret: 'x'.repeat(32) }
const accessTokenEncryption = { alg: 'dir', enc: 'A256GCM', key: 'A'.repeat(43) }
const create = (more: object) =>
  createAuthorizationServer({ issuer: ISSUER, clients, tokens, ...more } as AuthorizationServerOptions)

describe('createAuthorizationServer', () => {
  it('needs an issuer, clients and tokens, and nothing else', () => {
    expect(create({}).issuer).toBe(ISSUER)
  })

  it('takes an option that is undefined for one that is not given', () => {
    const names = [
      'credentialUses',
      'clock',
      'accessTokenLifetime',
      'accessTokenFormat',
      'signer',
      'jwtSecret',
      'accessTokenEncryption',
      'defaultAudience',
      'grants',
      'generatedSecretsOnly',
      'profile',
      'claims',
      'onEvent',
      'serviceDocumentation',
    ]
    expect(() => create(Object.fromEntries(names.map((name) => [name, undefined])))).not.toThrow()
  })

  const wrong: readonly [string, object][] = [
    ['issuer', { issuer: undefined }],
    ['issuer', { issuer: new URL(ISSUER) }],
    ['clients', { clients: undefined }],
    ['clients', { clients: { find: 'x' } }],
    ['tokens', { tokens: null }],
    ['tokens', { tokens: { ...tokens, revoke: undefined } }],
    ['credentialUses', { credentialUses: {} }],
    ['clock', { clock: {} }],
    ['clock', { clock: Date }],
    ['accessTokenLifetime', { accessTokenLifetime: 0 }],
    ['accessTokenLifetime', { accessTokenLifetime: 1.5 }],
    ['accessTokenLifetime', { accessTokenLifetime: '3600' }],
    ['accessTokenLifetime', { accessTokenLifetime: Number.POSITIVE_INFINITY }],
    ['defaultAudience', { defaultAudience: '' }],
    ['defaultAudience', { defaultAudience: 7 }],
    ['defaultAudience', { defaultAudience: 'a\0' }],
    ['defaultAudience', { defaultAudience: '\ud800' }],
    ['grants', { grants: [] }],
    ['grants', { grants: {} }],
    ['grants', { grants: [null] }],
    ['grants', { grants: ['client_credentials'] }],
    ['grants', { grants: [{ type: 'x' }] }],
    ['grants', { grants: [{ ...clientCredentials, type: 7 }] }],
    ['grants', { grants: [clientCredentials, clientCredentials] }],
    ['generatedSecretsOnly', { generatedSecretsOnly: 'false' }],
    ['claims', { claims: {} }],
    ['claims', { claims: null }],
    ['onEvent', { onEvent: [] }],
    ['serviceDocumentation', { serviceDocumentation: 'the manual' }],
  ]
  it.each<readonly [string, object]>([
    ['accessTokenFormat must be one of opaque, jwt', { accessTokenFormat: 'JWT' }],
    ['accessTokenFormat "jwt" needs signer or jwtSecret', { accessTokenFormat: 'jwt' }],
    ['signer must be an object with signingKey, publishedKeys', { signer: { signingKey: () => undefined } }],
    ['signer.publishedForSeconds must be a number', { signer: { ...signer, publishedForSeconds: undefined } }],
    [
      'signer: the key "key-1": ES384 takes',
      { signer: { ...signer, publishedKeys: () => [{ ...key, alg: 'ES384' }] } },
    ],
    ['signer and jwtSecret must not both be given', { signer, jwtSecret }],
    ['jwtSecret.secret must have at least 32 bytes', { jwtSecret: { secret: 'TopSecretClientSecret' } }],
    ['jwtSecret.alg must be one of HS256', { jwtSecret: { ...jwtSecret, alg: 'none' } }],
    ['accessTokenEncryption needs signer or jwtSecret', { accessTokenEncryption }],
    [
      'accessTokenEncryption.alg must be one',
      { jwtSecret, accessTokenEncryption: { ...accessTokenEncryption, alg: 'RSA1_5' } },
    ],
  ])('refuses keys that cannot sign, and says: %s', (message, more) => {
    expect(() => create(more)).toThrow(TypeError)
    expect(() => create(more)).toThrow(message)
  })

  it.each(wrong)('names %s when it is wrong: %j', (name, more) => {
    expect(() => create(more)).toThrow(TypeError)
    expect(() => create(more)).toThrow(new RegExp(`^${name} must`))
  })

  it('names the methods that a port lacks', () => {
    expect(() => create({ tokens: { save() {}, find() {} } })).toThrow(
      'tokens must be an object with save, find, revoke, isRevoked; it lacks revoke, isRevoked',
    )
  })
})

describe('checkIssuer', () => {
  it.each([
    'https://auth.example.com',
    'https://auth.example.com/',
    'https://auth.example.com:8443/tenant/a',
    'https://AUTH.example.com',
    'https://[2001:db8::1]',
    'http://localhost:4000',
    'http://127.0.0.1:4000/tenant',
    'http://127.255.255.254',
    'http://[::1]:4000',
  ])('takes %s as it is written', (issuer) => {
    expect(checkIssuer(issuer)).toBe(issuer)
  })

  it.each([
    '',
    'auth.example.com',
    '/tenant',
    'https://',
    'https:auth.example.com',
    'https:///auth.example.com',
    'ftp://auth.example.com',
    'javascript:alert(1)',
    'http://auth.example.com',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'http://128.0.0.1',
    'http://10.0.0.1',
    'http://0.0.0.0:4000',
    'http://[::]',
    'http://[::ffff:127.0.0.1]',
    'https://auth.example.com?',
    'https://auth.example.com/?tenant=a',
    'https://auth.example.com#',
    'https://auth.example.com/#a',
    'https://auth.example.com/a/../b',
    'https://auth.example.com/.',
    'https://user@auth.example.com',
    'https://:password@auth.example.com',
    'https://auth.example.com/a b',
    ' https://auth.example.com',
    'https://auth.example.com\n',
    'https://auth.example.com/"',
    'https://auth.example.com\\tenant',
    'https://münchen.example',
  ])('refuses %j', (issuer) => {
    expect(() => checkIssuer(issuer)).toThrow(/^issuer must /)
  })
})

describe('isLoopback', () => {
  it('knows the names of this machine as a URL writes them, and no others', () => {
    const hosts = ['http://LOCALHOST', 'http://127.1', 'http://0x7f000001', 'http://[0:0:0:0:0:0:0:1]'].map(
      (url) => new URL(url).hostname,
    )
    expect(hosts.map(isLoopback)).toEqual([true, true, true, true])
    expect(['', '::1', 'localhost.', 'a.localhost', '127.0.0', '1127.0.0.1', '127.0.0.1.'].map(isLoopback)).toEqual(
      Array(7).fill(false),
    )
  })
})
