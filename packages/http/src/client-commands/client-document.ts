import type { Client, Credential, CredentialUse, EpochSeconds, JsonObject } from '@latchkey/core'

/** A client in the words of the clients file (RFC 7591 §2), without its secrets. */
export function metadataOf(client: Client): JsonObject {
  const { name, defaultScopes, tokenEndpointAuthMethod, accessTokenLifetimeSeconds, accessTokenFormat } = client
  const { claims, resources, dpopBoundAccessTokens, dpopNonceRequired } = client
  return {
    ...(name !== undefined && { client_name: name }),
    enabled: client.enabled,
    scopes: Object.fromEntries(client.scopes.map(({ name: scope, enabled }) => [scope, enabled])),
    ...(defaultScopes !== undefined && { default_scopes: [...defaultScopes] }),
    scope_policy: client.scopePolicy,
    grant_types: [...client.grantTypes],
    ...(tokenEndpointAuthMethod !== undefined && { token_endpoint_auth_method: tokenEndpointAuthMethod }),
    ...(accessTokenLifetimeSeconds !== undefined && { access_token_ttl: accessTokenLifetimeSeconds }),
    ...(accessTokenFormat !== undefined && { access_token_format: accessTokenFormat }),
    ...(claims !== undefined && { claims }),
    introspect: client.introspect,
    resource_server_for: [...client.resourceServerFor],
    ...(resources !== undefined && { resources: [...resources] }),
    ...(dpopBoundAccessTokens !== undefined && { dpop_bound_access_tokens: dpopBoundAccessTokens }),
    ...(dpopNonceRequired !== undefined && { dpop_nonce_required: dpopNonceRequired }),
  }
}

/** A client as `--json` shows it. No hash is in it. */
export function clientDocument(client: Client, now: EpochSeconds, uses: readonly CredentialUse[] = []): JsonObject {
  const enabledScopes = client.scopes.filter(({ enabled }) => enabled).map(({ name }) => name)
  return {
    client_id: client.id,
    ...metadataOf(client),
    scope: enabledScopes.join(' '),
    client_secrets: credentialDocuments(client, now, uses),
    tokens_valid_from: client.tokensValidFrom,
    version: client.version,
  }
}

/** The credentials of a client as `--json` shows them. */
export const credentialDocuments = (
  client: Client,
  now: EpochSeconds,
  uses: readonly CredentialUse[] = [],
): readonly JsonObject[] => client.credentials.map((credential) => credentialDocument(credential, now, uses))

function credentialDocument(credential: Credential, now: EpochSeconds, uses: readonly CredentialUse[]): JsonObject {
  const { id, label, origin, notBefore, expiresAt } = credential
  const usedAt = uses.find(({ credentialId }) => credentialId === id)?.usedAt
  return {
    id,
    ...(label !== undefined && { label }),
    ...(origin !== undefined && { origin }),
    generated: isGenerated(credential),
    live: stateOf(credential, now) === 'live',
    ...(notBefore !== undefined && { not_before: notBefore }),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
    ...(usedAt !== undefined && { last_used_at: usedAt }),
  }
}

/** Whether Latchkey made the secret, rather than a person. */
export const isGenerated = ({ hash }: Credential): boolean => hash.startsWith('$sha256$')

/** Whether a credential counts at this time, and if not, why. */
export function stateOf({ notBefore = 0, expiresAt }: Credential, now: EpochSeconds): 'live' | 'expired' | 'not yet' {
  if (expiresAt !== undefined && now >= expiresAt) return 'expired'
  return now < notBefore ? 'not yet' : 'live'
}
