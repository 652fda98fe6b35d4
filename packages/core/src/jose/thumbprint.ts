import { calculateJwkThumbprint } from 'jose'
import type { PublicKeyMembers } from '../domain/signing-key.ts'

/** The `kid` of a key that has none of its own: SHA-256 of its public half (RFC 7638 §3). */
export const thumbprintOf = (publicKey: PublicKeyMembers): Promise<string> =>
  calculateJwkThumbprint(publicKey, 'sha256')
