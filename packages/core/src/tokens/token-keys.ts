import type { EpochSeconds } from '../domain/epoch-seconds.ts'
import type { SigningAlgorithm } from '../domain/signing-key.ts'
import type { VerificationKey } from '../jose/verify-jws.ts'

/** A key to sign tokens with, and the header of every token that it signs. */
export interface TokenKey {
  /** The first segment of the token. */
  readonly header: string
  sign(data: Uint8Array): Promise<Uint8Array> | Uint8Array
}

/** The keys of self-contained tokens. */
export interface TokenKeys {
  /** The longest life of a token. */
  readonly longestTokenSeconds: number
  /** The key that signs at this second, of that algorithm if one is wanted. @throws OAuthError when there is none. */
  signing(now: EpochSeconds, alg?: SigningAlgorithm): TokenKey
  /** The key by which a token with that `kid` was signed, if it is one of ours. */
  keyOf(kid: string | undefined): VerificationKey | undefined
}

/** What stands in the header of every token (RFC 9068 §2.1). */
export const TOKEN_TYPE = 'at+jwt'
