import { sha256 } from '../crypto.ts'
import type { PublicKeyMembers } from '../domain/signing-key.ts'

/** What identifies a key of each type, in the order of the alphabet (RFC 7638 §3.2, RFC 8037 §2). */
const REQUIRED_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
}

/**
 * The `kid` of a key that has none of its own: SHA-256 of its public half (RFC 7638 §3).
 *
 * @throws TypeError when the key is of no type that signs, or lacks a member of its type.
 */
export function thumbprintOf(publicKey: PublicKeyMembers): string {
  const { kty = '' } = publicKey
  const names = Object.hasOwn(REQUIRED_MEMBERS, kty) ? REQUIRED_MEMBERS[kty] : undefined
  if (names === undefined) throw new TypeError('a key must be of the type EC, OKP or RSA to have a thumbprint')
  const missing = names.find((name) => typeof publicKey[name] !== 'string' || publicKey[name] === '')
  if (missing !== undefined) throw new TypeError(`a key of the type ${kty} has a member ${missing}`)
  return sha256(JSON.stringify(Object.fromEntries(names.map((name) => [name, publicKey[name]]))))
}
