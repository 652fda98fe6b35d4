import { SHARED_SECRET_ALGORITHMS, type SharedSecretAlgorithm } from './shared-secret-algorithms.ts'
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from './signing-key.ts'

/**
 * The ways in which a client may authenticate: by a secret that it shows (RFC 6749 §2.3.1), by one that it signs with or by
 * a key (RFC 7523 §2.2), by a certificate of a name or by one that it signed itself (RFC 8705 §2). Names of RFC 7591 §2.
 */
export const CLIENT_AUTH_METHODS = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
] as const

/** A method of the table {@link CLIENT_AUTH_METHODS}. A server offers some of them, and refuses the others. */
export type ClientAuthMethodName = (typeof CLIENT_AUTH_METHODS)[number]

/** By which a client may sign its assertions: key pairs, and with a shared secret HMAC (RFC 7518 §3.1). */
export type AssertionAlgorithm = SigningAlgorithm | SharedSecretAlgorithm

/** Every one of them. */
export const ASSERTION_ALGORITHMS: readonly AssertionAlgorithm[] = [...SIGNING_ALGORITHMS, ...SHARED_SECRET_ALGORITHMS]
