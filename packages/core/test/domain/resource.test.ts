import { describe, expect, it } from 'vitest'
import { defineClient } from '../../src/domain/client.ts'
import { defineResource, type ResourceDefinition } from '../../src/domain/resource.ts'

const identifier = 'https://api.example.com'

describe('defineResource', () => {
  it('fills in what is not given', () => {
    const given = { identifier, name: undefined } as unknown as ResourceDefinition
    expect(defineResource(given)).toEqual({ identifier, scopes: [], version: 1 })
  })

  it.each([
    'https://api.example.com',
    'https://api.example.com/v1/?tenant=a%20b',
    'HTTP://API.example:8443/~a',
    'urn:example:orders',
    'api://orders',
  ])('takes an absolute URI without fragment: %s', (uri) => {
    expect(defineResource({ identifier: uri }).identifier).toBe(uri)
    expect(defineClient({ id: 'c', resources: [uri] }).resources).toEqual([uri])
  })

  it.each([
    '',
    'orders',
    '/orders',
    '//orders.example',
    'https:',
    'https:orders.example',
    'https:///orders',
    'https://orders.example/#fragment',
    'https://orders.example#',
    'https://orders.example/a b',
    'https://orders.example/%',
    'https://orders.example/\u00e9',
    'https://orders.example/\0',
    'https://orders.example/\n',
    `https://orders.example/${'x'.repeat(512)}`,
    7,
  ])('refuses what is none, as its identifier and as one that a client holds: %j', (uri) => {
    expect(() => defineResource({ identifier: uri as string })).toThrow('must be an absolute URI without fragment')
    expect(() => defineClient({ id: 'c', resources: [uri as string] })).toThrow(
      'client "c": resources must be a list of absolute URIs without fragment',
    )
  })

  it.each([
    [{ name: 'x'.repeat(1025) }, 'name must be at most 1024 characters'],
    [{ scopes: ['a b'] }, 'scopes must be a list of words'],
    [{ scopes: 'a' }, 'scopes must be a list of words'],
    [{ scopes: ['a', 'a'] }, 'a scope is given twice'],
    [{ accessTokenFormat: 'paseto' }, 'accessTokenFormat must be one of opaque, jwt'],
    [{ accessTokenLifetimeSeconds: 0 }, 'accessTokenLifetimeSeconds must be a whole number'],
    [{ claims: { sub: 'root' } }, 'claims must not hold "sub"'],
    [{ claims: { at: new Date() } }, 'claims must be a JSON object'],
    [{ accessTokenFormat: 'jwt', accessTokenSigningAlg: 'HS256' }, 'accessTokenSigningAlg must be one of ES256, '],
    [{ accessTokenFormat: 'jwt', accessTokenSigningAlg: 'none' }, 'accessTokenSigningAlg must be one of ES256, '],
    [{ accessTokenSigningAlg: 'RS256' }, 'accessTokenSigningAlg needs accessTokenFormat "jwt"'],
    [{ accessTokenFormat: 'opaque', accessTokenSigningAlg: 'RS256' }, 'accessTokenSigningAlg needs accessTokenFormat'],
    [{ version: 0 }, 'version must be a whole number'],
  ])('refuses %j', (more, problem) => {
    expect(() => defineResource({ identifier, ...more } as ResourceDefinition)).toThrow(
      `resource "${identifier}": ${problem}`,
    )
  })

  it('lets a client hold each once, and a hundred at most', () => {
    expect(() => defineClient({ id: 'c', resources: [identifier, identifier] })).toThrow('a resource is given twice')
    const many = Array.from({ length: 101 }, (_, index) => `urn:example:${index}`)
    expect(() => defineClient({ id: 'c', resources: many })).toThrow('resources must be at most 100')
    expect(defineClient({ id: 'c', resources: many.slice(1) }).resources).toHaveLength(100)
  })
})
