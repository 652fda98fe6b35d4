import type { JsonObject, Resource } from '@latchkey/core'

/** A resource in the words of the clients file. */
export function metadataOf(resource: Resource): JsonObject {
  const { name, scopes, accessTokenFormat, accessTokenLifetimeSeconds, claims } = resource
  const { accessTokenSigningAlg: alg, accessTokenEncryption: encryption } = resource
  return {
    ...(name !== undefined && { resource_name: name }),
    scopes: [...scopes],
    ...(accessTokenFormat !== undefined && { access_token_format: accessTokenFormat }),
    ...(accessTokenLifetimeSeconds !== undefined && { access_token_ttl: accessTokenLifetimeSeconds }),
    ...(alg !== undefined && { access_token_signing_alg: alg }),
    ...(encryption !== undefined && { access_token_encryption: { ...encryption } }),
    ...(claims !== undefined && { claims }),
  }
}

/** A resource as `--json` shows it; its identifier is `resource`, as in RFC 9728 §2. */
export const resourceDocument = (resource: Resource): JsonObject => ({
  resource: resource.identifier,
  ...metadataOf(resource),
  version: resource.version,
})
