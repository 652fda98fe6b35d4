import type { EpochSeconds } from './epoch-seconds.ts'
import type { RegisteredKey } from './registered-key.ts'

/**
 * A secret as it is stored. Either form tells what it costs to check:
 *
 * - `$sha256$id=<credential id>$<digest>`: a secret that Latchkey generated. It has 256 bits, so one hash is enough.
 * - `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`: a secret that a person chose, in the PHC string format.
 */
export type SecretHash = `$sha256$${string}` | `$scrypt$${string}`

/** What made a credential, where that decides who may take it away again. */
export type CredentialOrigin = 'file'

interface CredentialBase {
  /** Unique among the client's credentials, and never reused: events and token records name it. */
  readonly id: string
  /** The operator's words for it. */
  readonly label?: string
  /** `file`: a clients file made it and replaces it when the file changes. Absent: nobody but an operator does. */
  readonly origin?: CredentialOrigin
  /** It does not count before this second. */
  readonly notBefore?: EpochSeconds
  /** It does not count from this second on. */
  readonly expiresAt?: EpochSeconds
}

/** A shared secret, of which only the hash is known (RFC 6749 §2.3.1). */
export interface SecretCredential extends CredentialBase {
  readonly kind: 'secret'
  readonly hash: SecretHash
  /** The secret itself, encrypted: kept only for `client_secret_jwt`, which cannot be verified by a hash. Printable ASCII. */
  readonly sealed?: string
}

/** Public keys of the client (RFC 7591 §2 `jwks`): for what it signs, or the certificates that it signed itself. */
export interface JwksCredential extends CredentialBase {
  readonly kind: 'jwks'
  /** 1 to 32. Any of them counts. */
  readonly keys: readonly RegisteredKey[]
}

/** Where the public keys of the client are published (RFC 7591 §2 `jwks_uri`). */
export interface JwksUriCredential extends CredentialBase {
  readonly kind: 'jwks_uri'
  /** An absolute https URL without userinfo and fragment. */
  readonly uri: string
}

/** The name in the client's certificate; exactly one member says which (RFC 8705 §2.1.2). */
export interface TlsClientAuthCredential extends CredentialBase {
  readonly kind: 'tls_client_auth'
  /** A distinguished name in the text form of RFC 4514. */
  readonly subjectDn?: string
  readonly sanDns?: string
  readonly sanUri?: string
  /** IPv4 in dotted decimals, or IPv6. */
  readonly sanIp?: string
  readonly sanEmail?: string
}

/** An issuer whose tokens are taken for the client's own assertions: the workload has an identity already. */
export interface TrustedIssuerCredential extends CredentialBase {
  readonly kind: 'trusted_issuer'
  /** `iss` of its tokens: an https URL, under which its keys are discovered. */
  readonly issuer: string
  /** `sub` of its tokens; `*` stands for any characters within one `:` or `/` segment, and nothing else is a pattern. */
  readonly subject: string
  /** What `aud` of its tokens is or contains. */
  readonly audience: string
  /** How far ahead `exp` may be, in seconds: at most 86 400. */
  readonly maxLifetimeSeconds: number
  /** Whether a token passes once. Kubernetes and CI runners show the same one again and again. */
  readonly singleUse: boolean
}

/** A record by which a client authenticates. A client holds several at once; that is how they are rotated. */
export type Credential =
  | SecretCredential
  | JwksCredential
  | JwksUriCredential
  | TlsClientAuthCredential
  | TrustedIssuerCredential

const HASH_PATTERN =
  /^\$(?:sha256\$id=(?<owner>[A-Za-z0-9]{12})\$[A-Za-z0-9_-]{43}|scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43})$/

/** Whether a value is the hash of a secret in a form that Latchkey makes. */
export const isSecretHash = (value: unknown): value is SecretHash =>
  typeof value === 'string' && HASH_PATTERN.test(value)

/** The id of the credential that a hash names; `undefined` where a person chose the secret. */
export const ownerOfHash = (hash: SecretHash): string | undefined => HASH_PATTERN.exec(hash)?.groups?.['owner']

/** Whether a credential counts at `now`. */
export const isLive = (credential: Credential, now: EpochSeconds): boolean =>
  now >= (credential.notBefore ?? 0) && now < (credential.expiresAt ?? Number.POSITIVE_INFINITY)

/** Whether a person chose the secret, so that checking it takes a slow key derivation. */
export const isHumanChosen = (credential: Credential): credential is SecretCredential =>
  credential.kind === 'secret' && credential.hash.startsWith('$scrypt$')
