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
      'defaultAudience',
      'grants',
      'generatedSecretsOnly',
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
