import { SIGNING_ALGORITHMS } from '@latchkey/core'
import { describe, expect, it } from 'vitest'
import { createTokenVerifier, type ResourceMetadataOptions, type TokenVerifierOptions } from '../../src/index.ts'

const publishedBy = (
  options: ResourceMetadataOptions,
  audience = 'https://sales.example.com',
  bindings: Partial<TokenVerifierOptions> = {},
) => {
  const { resourceMetadata, verifyBearer } = createTokenVerifier({
    issuer: 'https://auth.example.com',
    audience,
    resourceMetadata: options,
    ...bindings,
  })
  if (resourceMetadata === undefined) throw new Error('nothing is published')
  return { ...resourceMetadata, document: JSON.parse(resourceMetadata.response.body) as unknown, verifyBearer }
}

describe('the metadata of an API', () => {
  it('RFC 9728 §2 · K9 · says what the API is, who issues its tokens, and how they are sent', () => {
    const { document, response } = publishedBy({
      scopesSupported: ['sales:read'],
      resourceName: 'Sales',
      resourceDocumentation: 'https://sales.example.com/docs',
    })
    expect(response).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } })
    expect(document).toEqual({
      resource: 'https://sales.example.com',
      authorization_servers: ['https://auth.example.com'],
      scopes_supported: ['sales:read'],
      bearer_methods_supported: ['header'],
      resource_name: 'Sales',
      resource_documentation: 'https://sales.example.com/docs',
    })
  })

  it('RFC 9728 §3.2 · K9 · leaves out what has no value', () => {
    expect(Object.keys(publishedBy({ scopesSupported: [] }).document as object)).toEqual([
      'resource',
      'authorization_servers',
      'bearer_methods_supported',
    ])
  })

  const proofs = { dpop_signing_alg_values_supported: SIGNING_ALGORITHMS }
  const certificates = { tls_client_certificate_bound_access_tokens: true }
  it.each<[string, Partial<TokenVerifierOptions>, object]>([
    ['proofs', { dpop: {} }, proofs],
    ['proofs of one algorithm', { dpop: { algorithms: ['ES256'] } }, { dpop_signing_alg_values_supported: ['ES256'] }],
    ['certificates', { mutualTls: {} }, certificates],
    ['both', { dpop: {}, mutualTls: {} }, { ...proofs, ...certificates }],
    ['proofs always', { dpop: {}, boundTokensOnly: true }, { ...proofs, dpop_bound_access_tokens_required: true }],
    ['certificates always', { mutualTls: {}, boundTokensOnly: true }, certificates],
    ['one of the two always', { dpop: {}, mutualTls: {}, boundTokensOnly: true }, { ...proofs, ...certificates }],
  ])('RFC 9728 §2 · K9 · says which bound tokens are taken: %s', (_, bindings, told) => {
    expect(publishedBy({}, undefined, bindings).document).toEqual({
      resource: 'https://sales.example.com',
      authorization_servers: ['https://auth.example.com'],
      bearer_methods_supported: ['header'],
      ...told,
    })
  })

  it.each([
    ['https://sales.example.com', 'https://sales.example.com/.well-known/oauth-protected-resource'],
    ['https://sales.example.com/', 'https://sales.example.com/.well-known/oauth-protected-resource'],
    ['https://sales.example.com/v1', 'https://sales.example.com/.well-known/oauth-protected-resource/v1'],
    ['https://sales.example.com/v1/', 'https://sales.example.com/.well-known/oauth-protected-resource/v1/'],
    ['http://localhost:3000/v1', 'http://localhost:3000/.well-known/oauth-protected-resource/v1'],
  ])('RFC 9728 §3.1 · K9 · has the well-known part between host and path: %s', (resource, url) => {
    expect(publishedBy({ resource }).url).toBe(url)
  })

  it.each(['https://sales.example.com', 'https://sales.example.com/', 'https://sales.example.com/v1/'])(
    'RFC 9728 §3.3 · K9 · names the resource letter by letter as it is called: %s',
    (resource) => {
      expect(publishedBy({ resource }).document).toMatchObject({ resource })
      expect(publishedBy({}, resource).document).toMatchObject({ resource })
    },
  )

  it('RFC 9728 §5.1 · K9 · is named in every challenge', async () => {
    const { verifyBearer, url } = publishedBy({})
    for (const authorization of [undefined, 'Bearer', 'Bearer made-up'])
      expect(await verifyBearer({ authorization })).toHaveProperty(
        ['headers', 'www-authenticate'],
        expect.stringContaining(`resource_metadata="${url}"`),
      )
  })
})
