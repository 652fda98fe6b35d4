import type { Client, CredentialUse, EpochSeconds } from '@latchkey/core'
import type { Io } from '../cli/io.ts'
import { printFields, printTable } from '../cli/print.ts'
import { shownTime } from '../cli/times.ts'
import { shownKind, stateOf } from './client-document.ts'

const NONE = '-'

/** Prints clients for people, one on a line. */
export function printClients(io: Io, clients: readonly Client[], now: EpochSeconds): void {
  const rows = clients.map((client) => [
    client.id,
    client.enabled ? 'enabled' : 'disabled',
    `${client.credentials.filter((credential) => stateOf(credential, now) === 'live').length} live`,
    shownScopes(client),
    client.name ?? NONE,
  ])
  printTable(io, ['CLIENT_ID', 'STATE', 'CREDENTIALS', 'SCOPES', 'NAME'], rows)
}

/** Prints one client for people, with all that is known of it. */
export function printClient(
  io: Io,
  client: Client,
  now: EpochSeconds,
  uses: readonly CredentialUse[] | undefined,
): void {
  const { accessTokenLifetimeSeconds: lifetime, tokensValidFrom, resourceServerFor, resources = [], claims } = client
  printFields(io, [
    ['client_id', client.id],
    ['client_name', client.name ?? NONE],
    ['state', client.enabled ? 'enabled' : 'disabled'],
    ['scopes', shownScopes(client)],
    ['default_scopes', client.defaultScopes?.join(' ') ?? 'every enabled scope'],
    ['scope_policy', client.scopePolicy],
    ['grant_types', client.grantTypes.join(' ')],
    ['token_endpoint_auth_method', client.tokenEndpointAuthMethod ?? 'whichever its credentials are for'],
    ['token_endpoint_auth_signing_alg', client.tokenEndpointAuthSigningAlg ?? 'whichever its keys are for'],
    ['legacy_assertion_audience', String(client.legacyAssertionAudience === true)],
    ['access_token_ttl', lifetime === undefined ? "the server's" : `${lifetime} s`],
    ['access_token_format', client.accessTokenFormat ?? "the server's"],
    ['claims', claims === undefined ? NONE : JSON.stringify(claims)],
    ['introspect', client.introspect],
    ['resource_server_for', resourceServerFor.join(' ') || NONE],
    ['resources', resources.join(' ') || NONE],
    ['dpop_bound_access_tokens', String(client.dpopBoundAccessTokens === true)],
    ['dpop_nonce_required', client.dpopNonceRequired === true ? 'true' : "the server's"],
    ['tls_client_certificate_bound_access_tokens', String(client.tlsClientCertificateBoundAccessTokens === true)],
    ['tokens_valid_from', tokensValidFrom === 0 ? NONE : shownTime(tokensValidFrom)],
    ['version', String(client.version)],
  ])
  io.stdout.write('\n')
  printCredentials(io, client, now, uses)
}

/** Prints the credentials of a client for people, with the last use of each where the storage knows it. */
export function printCredentials(
  io: Io,
  client: Client,
  now: EpochSeconds,
  uses: readonly CredentialUse[] | undefined,
): void {
  const rows = client.credentials.map((credential) => {
    const { id, label, origin, notBefore, expiresAt } = credential
    const usedAt = uses?.find(({ credentialId }) => credentialId === id)?.usedAt
    return [
      id,
      shownKind(credential),
      stateOf(credential, now),
      notBefore === undefined ? NONE : shownTime(notBefore),
      expiresAt === undefined ? 'never' : shownTime(expiresAt),
      usedAt === undefined ? (uses === undefined ? 'not kept' : 'never') : shownTime(usedAt),
      label ?? (origin === 'file' ? 'from the clients file' : NONE),
    ]
  })
  printTable(io, ['CREDENTIAL', 'KIND', 'STATE', 'NOT BEFORE', 'EXPIRES', 'LAST USED', 'LABEL'], rows)
}

/** A scope that is held disabled stands in brackets. */
const shownScopes = ({ scopes }: Client): string =>
  scopes.map(({ name, enabled }) => (enabled ? name : `(${name})`)).join(' ') || NONE
