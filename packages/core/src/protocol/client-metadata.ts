import { ACCESS_TOKEN_FORMATS } from '../domain/access-token-format.ts'
import { type ClientDefinition, defineClient } from '../domain/client.ts'
import { ASSERTION_ALGORITHMS, CLIENT_AUTH_METHODS } from '../domain/client-auth-methods.ts'
import type { Credential } from '../domain/credential.ts'
import type { JsonValue } from '../domain/json-value.ts'
import { isSharedSecretAlgorithm, LEAST_SECRET_BYTES } from '../domain/shared-secret-algorithms.ts'
import {
  boolean,
  type Complain,
  checkName,
  isObject,
  type MemberReader,
  oneOf,
  text,
  texts,
} from './metadata-reader.ts'
import { CREDENTIAL_MEMBERS, readCredentials } from './registered-credentials.ts'
import { credentialOf, type RegisteredSecret, readSecrets, SECRET_MEMBERS } from './registered-secret.ts'

/** A client as a registration gives it; its secrets are yet to be hashed. */
export interface RegisteredClient {
  readonly definition: Omit<ClientDefinition, 'credentials'>
  readonly secrets: readonly RegisteredSecret[]
  /** Those that are no secrets; one of a kind at most. */
  readonly credentials: readonly Credential[]
}

/** The words of RFC 7591 §2, and ours where it has none, and what each says of a client. */
const READERS: Readonly<Record<string, MemberReader<ClientDefinition>>> = {
  client_name: text((name) => ({ name })),
  enabled: boolean((enabled) => ({ enabled })),
  scope: text((scope) => ({
    scopes: scope
      .split(' ')
      .filter(Boolean)
      .map((name) => ({ name, enabled: true })),
  })),
  scopes: (value, complain) => {
    if (isObject(value) && Object.values(value).every((enabled) => typeof enabled === 'boolean'))
      return {
        scopes: Object.entries(value as Record<string, boolean>).map(([name, enabled]) => ({ name, enabled })),
      }
    complain('must map each scope to true or false')
    return {}
  },
  default_scopes: texts((defaultScopes) => ({ defaultScopes })),
  scope_policy: oneOf(['strict', 'reduce'], (scopePolicy) => ({ scopePolicy })),
  grant_types: texts((grantTypes) => ({ grantTypes })),
  token_endpoint_auth_method: (value, complain) => {
    if (value !== 'none') return authMethod(value, complain)
    complain('must not be "none": there are no public clients (RFC 6749 §4.4)')
    return {}
  },
  token_endpoint_auth_signing_alg: oneOf(ASSERTION_ALGORITHMS, (tokenEndpointAuthSigningAlg) => ({
    tokenEndpointAuthSigningAlg,
  })),
  legacy_assertion_audience: boolean((legacyAssertionAudience) => ({ legacyAssertionAudience })),
  access_token_ttl: (value, complain) => {
    if (typeof value === 'number') return { accessTokenLifetimeSeconds: value }
    complain('must be a number of seconds')
    return {}
  },
  access_token_format: oneOf(ACCESS_TOKEN_FORMATS, (accessTokenFormat) => ({ accessTokenFormat })),
  claims: (value, complain) => {
    if (isObject(value)) return { claims: value }
    complain('must be an object')
    return {}
  },
  dpop_bound_access_tokens: boolean((dpopBoundAccessTokens) => ({ dpopBoundAccessTokens })),
  dpop_nonce_required: boolean((dpopNonceRequired) => ({ dpopNonceRequired })),
  tls_client_certificate_bound_access_tokens: boolean((tlsClientCertificateBoundAccessTokens) => ({
    tlsClientCertificateBoundAccessTokens,
  })),
  introspect: oneOf(['own', 'any'], (introspect) => ({ introspect })),
  resource_server_for: texts((resourceServerFor) => ({ resourceServerFor })),
  resources: texts((resources) => ({ resources })),
}

const authMethod = oneOf(CLIENT_AUTH_METHODS, (tokenEndpointAuthMethod) => ({
  tokenEndpointAuthMethod,
}))

/** Every member that a client's metadata may have. */
export const CLIENT_METADATA_MEMBERS: readonly string[] = [
  ...Object.keys(READERS),
  ...SECRET_MEMBERS,
  ...CREDENTIAL_MEMBERS,
]

/** Reads the metadata of one client, and complains of all that is wrong with it. */
export function readClientMetadata(id: string, metadata: JsonValue, complain: Complain): RegisteredClient | undefined {
  if (!isObject(metadata)) {
    complain('must be an object')
    return undefined
  }
  let faults = 0
  const fault: Complain = (problem) => {
    faults += 1
    complain(problem)
  }
  for (const name of Object.keys(metadata)) checkName(name, CLIENT_METADATA_MEMBERS, fault)
  const definition: Omit<ClientDefinition, 'credentials'> = Object.assign(
    { id },
    ...Object.entries(READERS).map(([name, read]) => {
      const value = metadata[name]
      return value === undefined ? {} : read(value, (problem) => fault(`${name} ${problem}`))
    }),
  )
  const secrets = readSecrets(metadata, fault)
  const credentials = readCredentials(metadata, fault)
  checkSigningSecrets(definition, secrets, fault)
  if ('scope' in metadata && 'scopes' in metadata) fault('scope and scopes are both given; one of them is enough')
  if (faults === 0) checkAsAWhole({ definition, secrets, credentials }, fault)
  return faults === 0 ? { definition, secrets, credentials } : undefined
}

/** RFC 7518 §3.2: a secret that signs must be as long as the hash, and be known itself. */
function checkSigningSecrets(
  { tokenEndpointAuthMethod: method, tokenEndpointAuthSigningAlg: alg }: RegisteredClient['definition'],
  secrets: readonly RegisteredSecret[],
  complain: Complain,
): void {
  if (method !== 'client_secret_jwt') return
  const least = LEAST_SECRET_BYTES[isSharedSecretAlgorithm(alg) ? alg : 'HS256']
  for (const { value } of secrets)
    if (value === undefined) complain('client_secret_jwt needs the secret itself, and no hash of it')
    else if (Buffer.byteLength(value) < least)
      complain(`client_secret_jwt needs a secret of at least ${least} bytes${alg ? ` for ${alg}` : ''} (RFC 7518 §3.2)`)
}

/** What only the domain can judge: two secrets of one kind, a default scope that is not held, and the like. */
function checkAsAWhole({ definition, secrets, credentials }: RegisteredClient, complain: Complain): void {
  try {
    defineClient({
      ...definition,
      credentials: [...secrets.map((secret, index) => credentialOf(secret, index)), ...credentials],
    })
  } catch (error) {
    complain((error as Error).message.replace(/^client ".*?": /, ''))
  }
}
