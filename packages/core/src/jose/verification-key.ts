import { importPublicKey, keyFault, verifyWith } from '../crypto.ts'
import type { PublicKeyMembers, SigningAlgorithm } from '../domain/signing-key.ts'
import type { VerificationKey } from './verify-jws.ts'

/**
 * The key of a JWK, for one algorithm and no other (RFC 8725 §3.1).
 *
 * @throws TypeError when the key is unfit for the algorithm, and what `node:crypto` throws when it is no key.
 */
export function verificationKeyOf(alg: SigningAlgorithm, publicKey: PublicKeyMembers): VerificationKey {
  const key = importPublicKey(publicKey)
  const fault = keyFault(alg, key)
  if (fault !== undefined) throw new TypeError(fault)
  return { alg, verify: (data, signature) => verifyWith(alg, key, data, signature) }
}
