import { describe, expect, it } from 'vitest'
import { endpointPaths } from '../../src/endpoints/metadata-endpoint.ts'
import { createTestServer } from '../test-server.ts'

describe('the paths of a server', () => {
  it.each(['https://auth.example.com', 'https://auth.example.com/', 'http://localhost:4000'])(
    'begin at the root: %s',
    (issuer) => {
      expect(endpointPaths(issuer, false)).toEqual({
        token: '/oauth2/token',
        introspection: '/oauth2/introspect',
        revocation: '/oauth2/revoke',
        metadata: '/.well-known/oauth-authorization-server',
        openidConfiguration: '/.well-known/openid-configuration',
      })
    },
  )

  it.each(['https://auth.example.com/tenant/a', 'https://auth.example.com/tenant/a/'])(
    'begin below the issuer: %s',
    (issuer) => {
      expect(endpointPaths(issuer, false)).toEqual({
        token: '/tenant/a/oauth2/token',
        introspection: '/tenant/a/oauth2/introspect',
        revocation: '/tenant/a/oauth2/revoke',
        metadata: '/.well-known/oauth-authorization-server/tenant/a',
        openidConfiguration: '/tenant/a/.well-known/openid-configuration',
      })
    },
  )

  it('have one for the keys where keys are published, below the issuer as well', () => {
    expect(endpointPaths('https://auth.example.com', true).jwks).toBe('/.well-known/jwks.json')
    expect(endpointPaths('https://auth.example.com/tenant/a', true).jwks).toBe('/tenant/a/.well-known/jwks.json')
  })
})

it('names the documentation where there is some', () => {
  const serviceDocumentation = 'https://docs.example.com/auth'
  expect(createTestServer([], { serviceDocumentation }).server.metadata.service_documentation).toBe(
    serviceDocumentation,
  )
  expect(createTestServer([]).server.metadata).not.toHaveProperty('service_documentation')
})
