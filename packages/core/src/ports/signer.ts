import type { EpochSeconds } from '../domain/epoch-seconds.ts'
import type { PublicKeyMembers, SigningAlgorithm } from '../domain/signing-key.ts'

/** The public half of a key that signs, has signed or is about to sign. */
export interface PublishedKey {
  readonly kid: string
  readonly alg: SigningAlgorithm
  readonly publicKey: PublicKeyMembers
}

/** A key that signs, and that nobody sees. */
export interface SigningKey {
  readonly kid: string
  readonly alg: SigningAlgorithm
  /**
   * Signs as RFC 7518 §3 writes the signature of its algorithm.
   *
   * @throws when it cannot be asked: then no token is issued.
   */
  sign(data: Uint8Array): Promise<Uint8Array>
}

/** Signs access tokens with keys that it may never show. The key ring is one; a key in a KMS is another. */
export interface Signer {
  /** For how long caches may keep the published keys. A key is published for longer than that before it signs. */
  readonly publishedForSeconds: number
  /** The longest life of a token that it signs: a key stays published until the last one has expired. */
  readonly longestTokenSeconds: number
  /**
   * The key that signs at this second, the same object for the same key: that of the server's own algorithm or, with `alg`,
   * one of that algorithm, which a resource wants. Asks nobody.
   *
   * @throws when there is none. A signer that has only one algorithm may leave `alg` alone: another key is not used.
   */
  signingKey(now: EpochSeconds, alg?: SigningAlgorithm): SigningKey
  /** Every key by which a token that has not expired may be signed, and what signs next; the same list until it changes. */
  publishedKeys(): readonly PublishedKey[]
}
