/**
 * What a token is bound to: whoever shows it must prove to hold this (RFC 7800 §3.1). At least one member is there, and each
 * that is must be proven. Plain data: it survives JSON and `structuredClone`.
 */
export interface Confirmation {
  /** The SHA-256 thumbprint of a public key, in base64url (RFC 7638 §3, RFC 9449 §6.1). */
  readonly jkt?: string
  /** The SHA-256 of a certificate's DER, in base64url (RFC 8705 §3.1). */
  readonly x5tS256?: string
}

const MEMBERS = ['jkt', 'x5tS256'] as const

/** 32 bytes in base64url, written in the one way that there is. */
const DIGEST = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

/** Whether a value is a digest as a confirmation holds it. */
const isConfirmationDigest = (value: unknown): value is string => typeof value === 'string' && DIGEST.test(value)

/** Whether a value is a confirmation, and nothing of it is unknown: a binding that is not understood binds all the same. */
export function isConfirmation(value: unknown): value is Confirmation {
  if (typeof value !== 'object' || value === null) return false
  const entries = Object.entries(value)
  return (
    entries.length > 0 &&
    entries.every(([name, digest]) => MEMBERS.some((known) => known === name) && isConfirmationDigest(digest))
  )
}

/** Whether all that a token is bound to was proven; one that is bound to nothing needs no proof. */
export const isConfirmed = (token: Confirmation | undefined, proven: Confirmation = {}): boolean =>
  token === undefined || MEMBERS.every((name) => token[name] === undefined || token[name] === proven[name])
