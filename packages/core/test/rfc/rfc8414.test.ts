import { describe, expect, it } from 'vitest'
import { documentResponse } from '../../src/index.ts'
import { createTestServer, ISSUER } from '../test-server.ts'

const metadataOf = (issuer: string) => createTestServer([], { issuer }).server.metadata
const TENANT = 'https://auth.example.com/tenant'

describe('the metadata document', () => {
  it('RFC 8414 §3 · K1, D28 · has the document’s place before the path of the issuer, and another behind it', () => {
    expect(createTestServer([]).server.paths).toMatchObject({
      metadata: '/.well-known/oauth-authorization-server',
      openidConfiguration: '/.well-known/openid-configuration',
    })
    expect(createTestServer([], { issuer: TENANT }).server.paths).toMatchObject({
      metadata: '/.well-known/oauth-authorization-server/tenant',
      openidConfiguration: '/tenant/.well-known/openid-configuration',
    })
  })

  it.each([
    ISSUER,
    `${ISSUER}/`,
    'https://AUTH.example.com:443/Tenant/',
    TENANT,
    'http://localhost:4000',
    'http://[::1]:4000/a',
  ])('RFC 8414 §2 · K2 · repeats the issuer as it is written: %s', (issuer) => {
    expect(metadataOf(issuer).issuer).toBe(issuer)
  })

  it.each([
    'http://auth.example.com',
    'https://auth.example.com?a',
    'https://auth.example.com#',
    'https://a@auth.example.com',
  ])('RFC 8414 §2 · K2 · refuses an issuer that may not be: %s', (issuer) => {
    expect(() => metadataOf(issuer)).toThrow('issuer must')
  })

  it('RFC 8414 §2 · K3, D28 · names exactly the endpoints that there are, below the path of the issuer', () => {
    const endpointsOf = (issuer: string) =>
      Object.fromEntries(Object.entries(metadataOf(issuer)).filter(([name]) => /_(?:endpoint|uri)$/.test(name)))
    expect(endpointsOf(ISSUER)).toEqual({
      token_endpoint: 'https://auth.example.com/oauth2/token',
      introspection_endpoint: 'https://auth.example.com/oauth2/introspect',
      revocation_endpoint: 'https://auth.example.com/oauth2/revoke',
    })
    expect(endpointsOf(`${TENANT}/`)).toEqual({
      token_endpoint: 'https://auth.example.com/tenant/oauth2/token',
      introspection_endpoint: 'https://auth.example.com/tenant/oauth2/introspect',
      revocation_endpoint: 'https://auth.example.com/tenant/oauth2/revoke',
    })
  })

  it('RFC 8414 §2 · K4, K8 · names the grants, since the default would promise others', () => {
    expect(metadataOf(ISSUER).grant_types_supported).toEqual(['client_credentials'])
  })

  it('RFC 8414 §2 · K5 · names the methods of authentication for all three endpoints, none among them', () => {
    const methods = ['client_secret_basic', 'client_secret_post']
    expect(metadataOf(ISSUER)).toMatchObject({
      token_endpoint_auth_methods_supported: methods,
      introspection_endpoint_auth_methods_supported: methods,
      revocation_endpoint_auth_methods_supported: methods,
    })
    expect(Object.keys(metadataOf(ISSUER)).join()).not.toContain('signing_alg')
  })

  it('RFC 8414 §3.2 · K7, D11 · has no empty list in the document but response_types_supported, which §2 requires', () => {
    const empty = Object.entries(metadataOf(ISSUER)).filter(([, value]) => Array.isArray(value) && value.length === 0)
    expect(empty).toEqual([['response_types_supported', []]])
  })

  it('RFC 8414 §3.2 · K7 · answers with the document as JSON', () => {
    const { status, headers, body } = documentResponse(metadataOf(ISSUER))
    expect([status, headers['content-type']]).toEqual([200, 'application/json'])
    expect(JSON.parse(body)).toEqual(metadataOf(ISSUER))
  })
})
