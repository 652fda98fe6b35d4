import { describe, expect, it } from 'vitest'
import { createTokenVerifier, type TokenVerifierOptions } from '../src/index.ts'

const GOOD = { issuer: 'https://auth.example.com', audience: 'https://sales.example.com' }
const introspection = { clientId: 'sales-api', clientSecret: 'secret' }

describe('createTokenVerifier', () => {
  it.each<[string, object]>([
    ['issuer', { issuer: 'http://auth.example.com' }],
    ['issuer', { issuer: 'https://auth.example.com?a' }],
    ['audience', { audience: '' }],
    ['audience', { audience: [] }],
    ['audience', { audience: undefined }],
    ['audience', { audience: ['https://sales.example.com', ''] }],
    ['audience', { audience: 'sales\r\nx: y' }],
    ['algorithms', { algorithms: [] }],
    ['algorithms', { algorithms: ['none'] }],
    ['algorithms', { algorithms: ['ES256', 'HS256'] }],
    ['algorithms', { algorithms: ['toString'] }],
    ['decryptionKeys', { decryptionKeys: [] }],
    ['decryptionKeys[0]', { decryptionKeys: ['-----BEGIN PRIVATE KEY-----'] }],
    ['decryptionKeys[0]', { decryptionKeys: [{ kty: 'oct', k: 'A'.repeat(43) }] }],
    ['leewaySeconds', { leewaySeconds: 61 }],
    ['leewaySeconds', { leewaySeconds: -1 }],
    ['leewaySeconds', { leewaySeconds: 0.5 }],
    ['leewaySeconds', { leewaySeconds: Number.NaN }],
    ['outageSeconds', { outageSeconds: 100_000 }],
    ['timeoutMilliseconds', { timeoutMilliseconds: 0 }],
    ['clock', { clock: Date }],
    ['introspection.clientId', { introspection: { ...introspection, clientId: '' } }],
    ['introspection.clientSecret', { introspection: { clientId: 'a' } }],
    ['introspection.mode', { introspection: { ...introspection, mode: 'sometimes' } }],
    ['introspection.cacheSeconds', { introspection: { ...introspection, cacheSeconds: 61 } }],
    ['introspection.maxCacheEntries', { introspection: { ...introspection, maxCacheEntries: 0 } }],
    ['dpop.algorithms', { dpop: { algorithms: [] } }],
    ['dpop.algorithms', { dpop: { algorithms: ['HS256'] } }],
    ['dpop.requireNonce', { dpop: { requireNonce: 'yes' } }],
    ['dpop.requireNonce', { dpop: { nonceSecret: 'A'.repeat(43) } }],
    ['dpop.nonceSecret', { dpop: { requireNonce: true, nonceSecret: 'short' } }],
    ['dpop.nonceSecret', { dpop: { requireNonce: true, previousNonceSecret: 'A'.repeat(43) } }],
    [
      'dpop.previousNonceSecret',
      { dpop: { requireNonce: true, nonceSecret: 'A'.repeat(43), previousNonceSecret: '' } },
    ],
    ['dpop', { dpop: false }],
    ['dpop', { dpop: null }],
    ['mutualTls', { mutualTls: true }],
    ['mutualTls.certificateOf', { mutualTls: { certificateOf: 'client-cert' } }],
    ['boundTokensOnly', { boundTokensOnly: 'yes', dpop: {} }],
    ['boundTokensOnly', { boundTokensOnly: true }],
    ['resourceMetadata.resource', { audience: 'sales', resourceMetadata: {} }],
    ['resourceMetadata.resource', { resourceMetadata: { resource: 'http://sales.example.com' } }],
    ['resourceMetadata.resource', { resourceMetadata: { resource: 'https://sales.example.com/#' } }],
    ['resourceMetadata.resource', { resourceMetadata: { resource: 'https://sales.example.com/?a=b' } }],
    ['resourceMetadata.resource', { resourceMetadata: { resource: 'https://a:b@sales.example.com' } }],
    ['resourceMetadata.resource', { resourceMetadata: { resource: 'https://Sales.example.com/a/../b' } }],
    ['resourceMetadata.resourceDocumentation', { resourceMetadata: { resourceDocumentation: 'here' } }],
  ])('names the option that is wrong: %s of %j', (name, changes) => {
    const make = () => createTokenVerifier({ ...GOOD, ...changes } as TokenVerifierOptions)
    expect(make).toThrow(TypeError)
    expect(make).toThrow(name)
  })

  it('does not repeat a secret that is wrong', () => {
    const wrong = { ...GOOD, introspection: { ...introspection, clientId: '', clientSecret: 'TopSecret' } }
    expect(() => createTokenVerifier(wrong)).not.toThrow('TopSecret')
  })
})
