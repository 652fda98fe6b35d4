import { importPublicKey, keyFault, verifyWith } from '../crypto.ts'
import { problemsOfEdwardsPoint } from '../domain/public-key.ts'
import type { PublicKeyMembers, SigningAlgorithm } from '../domain/signing-key.ts'
import type { VerificationKey } from './verify-jws.ts'

/**
 * The key of a JWK, for one algorithm and no other (RFC 8725 §3.1).
 *
 * @throws TypeError when the key is unfit for the algorithm, and what `node:crypto` throws when it is no key.
 */
export function verificationKeyOf(alg: SigningAlgorithm, publicKey: PublicKeyMembers): VerificationKey {
  const key = importPublicKey(publicKey)
  const [problem] = publicKey['kty'] === 'OKP' ? problemsOfEdwardsPoint(publicKey) : []
  const fault = keyFault(alg, key) ?? problem
  if (fault !== undefined) throw new TypeError(fault)
  return { alg, verify: (data, signature) => verifyWith(alg, key, data, signature) }
}
