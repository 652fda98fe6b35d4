import type { EpochSeconds } from './epoch-seconds.ts'

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
}

/** A record by which a client authenticates. A client holds several at once; that is how they are rotated. */
export type Credential = SecretCredential

/** Whether a credential counts at `now`. */
export const isLive = (credential: Credential, now: EpochSeconds): boolean =>
  now >= (credential.notBefore ?? 0) && now < (credential.expiresAt ?? Number.POSITIVE_INFINITY)

/** Whether a person chose the secret, so that checking it takes a slow key derivation. */
export const isHumanChosen = (credential: Credential): boolean => credential.hash.startsWith('$scrypt$')
