import type { JsonObject, JsonValue } from '../domain/json-value.ts'
import { privateMembersIn } from '../domain/public-key.ts'
import { type PublicKeyMembers, SIGNING_ALGORITHMS, type SigningAlgorithm } from '../domain/signing-key.ts'
import { decodeBase64Url } from '../jose/base64url.ts'
import { thumbprintOf } from '../jose/thumbprint.ts'
import { verificationKeyOf } from '../jose/verification-key.ts'
import type { VerificationKey } from '../jose/verify-jws.ts'

/** The key that a proof holds, and what a token is bound to by it. */
export interface ProofKey {
  readonly key: VerificationKey
  /** RFC 7638 §3. */
  readonly jkt: string
}

/** The members that make a public key of each type (RFC 7518 §6.2.1, §6.3.1, RFC 8037 §2). */
const PUBLIC_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'x', 'y'],
  RSA: ['n', 'e'],
  OKP: ['crv', 'x'],
}

/**
 * Reads the key of a proof's header (RFC 9449 §4.2).
 *
 * @returns why it is none, for the operator, where it is not a public key that is fit for one of the algorithms.
 */
export function readProofKey(
  { alg, jwk }: JsonObject,
  algorithms: readonly SigningAlgorithm[] = SIGNING_ALGORITHMS,
): ProofKey | string {
  const algorithm = algorithms.find((allowed) => allowed === alg)
  if (algorithm === undefined) return 'its alg is not one of those that are allowed'
  const members = jwk === undefined ? undefined : publicMembersIn(jwk)
  if (members === undefined) return 'its jwk is no public key'
  try {
    return { key: verificationKeyOf(algorithm, members), jkt: thumbprintOf(members) }
  } catch {
    return 'its jwk is no key that is fit for its alg'
  }
}

function publicMembersIn(jwk: JsonValue): PublicKeyMembers | undefined {
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return undefined
  const { kty, ...members } = jwk as JsonObject
  const names = typeof kty === 'string' && Object.hasOwn(PUBLIC_MEMBERS, kty) ? PUBLIC_MEMBERS[kty] : undefined
  if (names === undefined || privateMembersIn(members).length > 0) return undefined
  if (!names.every((name) => isWrittenOnce(members[name]))) return undefined
  return Object.fromEntries([['kty', kty], ...names.map((name) => [name, members[name]])]) as PublicKeyMembers
}

/** One key has one thumbprint only where each of its members is written in one way; the name of a curve is base64url by luck. */
const isWrittenOnce = (member: JsonValue | undefined): boolean =>
  typeof member === 'string' &&
  (/^(?:P-(?:256|384|521)|Ed25519)$/.test(member) || decodeBase64Url(member) !== undefined)
