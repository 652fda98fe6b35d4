import type {
  Client,
  Credential,
  CredentialUse,
  EpochSeconds,
  JsonObject,
  TlsClientAuthCredential,
} from '@latchkey/core'

/** A client in the words of the clients file (RFC 7591 §2), without its credentials. */
export function metadataOf(client: Client): JsonObject {
  const { name, defaultScopes, tokenEndpointAuthMethod, accessTokenLifetimeSeconds, accessTokenFormat } = client
  const { claims, resources, dpopBoundAccessTokens, dpopNonceRequired } = client
  const { tokenEndpointAuthSigningAlg, legacyAssertionAudience, tlsClientCertificateBoundAccessTokens } = client
  return {
    ...(name !== undefined && { client_name: name }),
    enabled: client.enabled,
    scopes: Object.fromEntries(client.scopes.map(({ name: scope, enabled }) => [scope, enabled])),
    ...(defaultScopes !== undefined && { default_scopes: [...defaultScopes] }),
    scope_policy: client.scopePolicy,
    grant_types: [...client.grantTypes],
    ...(tokenEndpointAuthMethod !== undefined && { token_endpoint_auth_method: tokenEndpointAuthMethod }),
    ...(tokenEndpointAuthSigningAlg !== undefined && { token_endpoint_auth_signing_alg: tokenEndpointAuthSigningAlg }),
    ...(legacyAssertionAudience !== undefined && { legacy_assertion_audience: legacyAssertionAudience }),
    ...(accessTokenLifetimeSeconds !== undefined && { access_token_ttl: accessTokenLifetimeSeconds }),
    ...(accessTokenFormat !== undefined && { access_token_format: accessTokenFormat }),
    ...(claims !== undefined && { claims }),
    introspect: client.introspect,
    resource_server_for: [...client.resourceServerFor],
    ...(resources !== undefined && { resources: [...resources] }),
    ...(dpopBoundAccessTokens !== undefined && { dpop_bound_access_tokens: dpopBoundAccessTokens }),
    ...(dpopNonceRequired !== undefined && { dpop_nonce_required: dpopNonceRequired }),
    ...(tlsClientCertificateBoundAccessTokens !== undefined && {
      tls_client_certificate_bound_access_tokens: tlsClientCertificateBoundAccessTokens,
    }),
  }
}

/** A client as `--json` shows it. No hash is in it. */
export function clientDocument(client: Client, now: EpochSeconds, uses: readonly CredentialUse[] = []): JsonObject {
  const enabledScopes = client.scopes.filter(({ enabled }) => enabled).map(({ name }) => name)
  return {
    client_id: client.id,
    ...metadataOf(client),
    scope: enabledScopes.join(' '),
    credentials: credentialDocuments(client, now, uses),
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
    ...membersOf(credential),
    ...(label !== undefined && { label }),
    ...(origin !== undefined && { origin }),
    live: stateOf(credential, now) === 'live',
    ...(notBefore !== undefined && { not_before: notBefore }),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
    ...(usedAt !== undefined && { last_used_at: usedAt }),
  }
}

/** What a credential of each kind says of itself, in the words of a registration. Never a secret, and never its hash. */
function membersOf(credential: Credential): JsonObject {
  const { kind } = credential
  if (kind === 'secret') return { kind, generated: !isChosen(credential) }
  if (kind === 'jwks') return { kind, jwks: { keys: credential.keys as unknown as JsonObject[] } }
  if (kind === 'jwks_uri') return { kind, jwks_uri: credential.uri }
  if (kind === 'tls_client_auth') return { kind, ...certificateNameOf(credential) }
  const { issuer, subject, audience, maxLifetimeSeconds, singleUse } = credential
  return {
    kind,
    trusted_issuer: { issuer, subject, audience, max_lifetime: maxLifetimeSeconds, single_use: singleUse },
  }
}

function certificateNameOf({
  subjectDn,
  sanDns,
  sanUri,
  sanIp,
  sanEmail,
}: TlsClientAuthCredential): Readonly<Record<string, string>> {
  if (subjectDn !== undefined) return { tls_client_auth_subject_dn: subjectDn }
  if (sanDns !== undefined) return { tls_client_auth_san_dns: sanDns }
  if (sanUri !== undefined) return { tls_client_auth_san_uri: sanUri }
  return sanIp === undefined ? { tls_client_auth_san_email: sanEmail ?? '' } : { tls_client_auth_san_ip: sanIp }
}

/** What a credential is, for people. */
export function shownKind(credential: Credential): string {
  const { kind } = credential
  if (kind === 'secret') return isChosen(credential) ? 'chosen secret' : 'generated secret'
  if (kind === 'jwks') return credential.keys.length === 1 ? '1 key' : `${credential.keys.length} keys`
  if (kind === 'jwks_uri') return `keys at ${credential.uri}`
  if (kind === 'tls_client_auth') return `certificate of ${Object.values(certificateNameOf(credential)).join()}`
  return `tokens of ${credential.issuer}`
}

/** Whether a credential is a secret that a person chose. */
export const isChosen = (credential: Credential): boolean =>
  credential.kind === 'secret' && credential.hash.startsWith('$scrypt$')

/** Whether a credential counts at this time, and if not, why. */
export function stateOf({ notBefore = 0, expiresAt }: Credential, now: EpochSeconds): 'live' | 'expired' | 'not yet' {
  if (expiresAt !== undefined && now >= expiresAt) return 'expired'
  return now < notBefore ? 'not yet' : 'live'
}
