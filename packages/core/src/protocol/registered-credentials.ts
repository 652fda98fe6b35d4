import type {
  Credential,
  JwksCredential,
  JwksUriCredential,
  TlsClientAuthCredential,
  TrustedIssuerCredential,
} from '../domain/credential.ts'
import type { JsonObject, JsonValue } from '../domain/json-value.ts'
import type { RegisteredKey } from '../domain/registered-key.ts'
import { type Complain, checkName, isObject } from './metadata-reader.ts'

/** The words of RFC 8705 §2.1.2 for the name in a certificate. */
const CERTIFICATE_NAMES = {
  tls_client_auth_subject_dn: 'subjectDn',
  tls_client_auth_san_dns: 'sanDns',
  tls_client_auth_san_uri: 'sanUri',
  tls_client_auth_san_ip: 'sanIp',
  tls_client_auth_san_email: 'sanEmail',
} as const

/** The members of a client's metadata that hold credentials other than secrets. None of them is to be kept secret. */
export const CREDENTIAL_MEMBERS: readonly string[] = [
  'jwks',
  'jwks_uri',
  ...Object.keys(CERTIFICATE_NAMES),
  'trusted_issuer',
]

/**
 * Reads the credentials of a client's metadata that are no secrets, and complains of what cannot be read. What each of them
 * must be is for the domain to judge. Their ids are by their place: a registration has one of each kind at most.
 */
export const readCredentials = (metadata: JsonObject, complain: Complain): readonly Credential[] => {
  if (metadata['jwks'] !== undefined && metadata['jwks_uri'] !== undefined)
    complain('jwks and jwks_uri are both given; one of them is enough (RFC 7591 §2)')
  return [
    ...readJwks(metadata['jwks'], complain),
    ...readJwksUri(metadata['jwks_uri'], complain),
    ...readCertificateName(metadata, complain),
    ...readTrustedIssuer(metadata['trusted_issuer'], complain),
  ]
}

function readJwks(value: JsonValue | undefined, complain: Complain): readonly JwksCredential[] {
  if (value === undefined) return []
  const keys: unknown = isObject(value) ? value['keys'] : undefined
  if (Array.isArray(keys)) return [{ kind: 'jwks', id: 'jwks', keys: keys as readonly RegisteredKey[] }]
  complain('jwks must be an object with the member keys, a list (RFC 7517 §5)')
  return []
}

function readJwksUri(value: JsonValue | undefined, complain: Complain): readonly JwksUriCredential[] {
  if (value === undefined) return []
  if (typeof value === 'string') return [{ kind: 'jwks_uri', id: 'jwks_uri', uri: value }]
  complain('jwks_uri must be a text')
  return []
}

function readCertificateName(metadata: JsonObject, complain: Complain): readonly TlsClientAuthCredential[] {
  const given = Object.entries(CERTIFICATE_NAMES).filter(([wire]) => metadata[wire] !== undefined)
  if (given.length === 0) return []
  if (given.length > 1) complain(`${given.map(([wire]) => wire).join(' and ')} are given; one of them is enough`)
  for (const [wire] of given) if (typeof metadata[wire] !== 'string') complain(`${wire} must be a text`)
  const names = Object.fromEntries(given.map(([wire, name]) => [name, metadata[wire]]))
  return [{ kind: 'tls_client_auth', id: 'tls_client_auth', ...names }]
}

const TRUSTED_ISSUER_MEMBERS = ['issuer', 'subject', 'audience', 'max_lifetime', 'single_use']
/** An hour: what Kubernetes gives to a pod's token by default. */
const DEFAULT_MAX_LIFETIME = 3600

function readTrustedIssuer(value: JsonValue | undefined, complain: Complain): readonly TrustedIssuerCredential[] {
  if (value === undefined) return []
  if (!isObject(value)) {
    complain('trusted_issuer must be an object')
    return []
  }
  for (const name of Object.keys(value))
    checkName(name, TRUSTED_ISSUER_MEMBERS, (problem) => complain(`trusted_issuer: ${problem}`))
  const { issuer, subject, audience, max_lifetime = DEFAULT_MAX_LIFETIME, single_use = false } = value
  const read = { issuer, subject, audience, maxLifetimeSeconds: max_lifetime, singleUse: single_use }
  return [{ kind: 'trusted_issuer', id: 'trusted_issuer', ...(read as object) } as TrustedIssuerCredential]
}
