import { bytesEqual, hmacOf, secretKeyOf } from '../crypto.ts'
import { LEAST_SECRET_BYTES, type SharedSecretAlgorithm } from '../domain/shared-secret-algorithms.ts'
import type { VerificationKey } from './verify-jws.ts'

const DIGESTS = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const

/** A secret, by which signatures are made and verified. */
export interface SharedSecretKey extends VerificationKey {
  sign(data: Uint8Array): Uint8Array
}

/**
 * The key that the UTF-8 of a secret is (RFC 7518 §3.2).
 *
 * @throws RangeError when the secret is shorter than the hash; it is not repeated.
 */
export function sharedSecretKey(alg: SharedSecretAlgorithm, secret: string): SharedSecretKey {
  const bytes = LEAST_SECRET_BYTES[alg]
  if (Buffer.byteLength(secret) < bytes)
    throw new RangeError(`must have at least ${bytes} bytes for ${alg} (RFC 7518 §3.2)`)
  const digest = DIGESTS[alg]
  const key = secretKeyOf(secret)
  return {
    alg,
    sign: (data) => hmacOf(digest, key, data),
    verify: async (data, signature) => bytesEqual(hmacOf(digest, key, data), signature),
  }
}
