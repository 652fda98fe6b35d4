import { generatePrivateKey, importPublicKey, publicMembersOf, randomBytes } from '../crypto.ts'
import {
  isSharedSecretAlgorithm,
  LEAST_SECRET_BYTES,
  type SharedSecretAlgorithm,
} from '../domain/shared-secret-algorithms.ts'
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../domain/signing-key.ts'
import { sharedSecretKey } from './shared-secret-key.ts'
import { verificationKeyOf } from './verification-key.ts'
import type { VerificationKey } from './verify-jws.ts'

const MODULUS_BYTES = 256

const made = new Map<string, Promise<VerificationKey>>()

/**
 * A key that nobody has signed with: verifying by it takes as long as by the key of a client, where there is none.
 *
 * @returns `undefined` for an algorithm that no client signs with, which is refused without any work.
 */
export function decoyKeyOf(alg: unknown): Promise<VerificationKey> | undefined {
  const known = isSharedSecretAlgorithm(alg) ? alg : SIGNING_ALGORITHMS.find((name) => name === alg)
  if (known === undefined) return undefined
  const key = made.get(known) ?? (isSharedSecretAlgorithm(known) ? secretDecoy(known) : pairDecoy(known))
  made.set(known, key)
  return key
}

const secretDecoy = async (alg: SharedSecretAlgorithm): Promise<VerificationKey> =>
  sharedSecretKey(alg, randomBytes(LEAST_SECRET_BYTES[alg]).toString('base64url'))

async function pairDecoy(alg: SigningAlgorithm): Promise<VerificationKey> {
  const isRsa = alg.startsWith('RS') || alg.startsWith('PS')
  const key = isRsa ? importPublicKey(randomModulus()) : await generatePrivateKey(alg)
  return verificationKeyOf(alg, publicMembersOf(key))
}

/** Finding two primes takes long, and whoever only verifies cannot tell a product of two from any other number. */
function randomModulus(): Readonly<Record<string, string>> {
  const modulus = randomBytes(MODULUS_BYTES)
  modulus[0] = (modulus[0] ?? 0) | 0x80
  modulus[MODULUS_BYTES - 1] = (modulus[MODULUS_BYTES - 1] ?? 0) | 1
  return { kty: 'RSA', n: modulus.toString('base64url'), e: 'AQAB' }
}
