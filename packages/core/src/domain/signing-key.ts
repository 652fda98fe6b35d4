import type { EpochSeconds } from './epoch-seconds.ts'

/**
 * The algorithms by which a key pair may sign (RFC 7518 §3.1, RFC 8037 §3.1). `Ed25519` is what RFC 9864 calls `EdDSA` with
 * that curve: the same signatures under an exact name.
 */
export const SIGNING_ALGORITHMS = [
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
] as const

/** An algorithm of the table {@link SIGNING_ALGORITHMS}. */
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number]

/** The public half of a key: `kty` and the members that RFC 7518 §6 and RFC 8037 §2 give to its type, all texts. */
export type PublicKeyMembers = Readonly<Record<string, string>>

/** A signing key as it is stored. Plain data: it survives JSON and `structuredClone`. All texts are printable ASCII. */
export interface SigningKeyRecord {
  /** Unique among the keys of a server, and never used again. */
  readonly kid: string
  /** The only algorithm that it is ever used with (RFC 8725 §3.1). */
  readonly alg: SigningAlgorithm
  readonly publicKey: PublicKeyMembers
  readonly createdAt: EpochSeconds
  /** The first second at which it signs: until then it is published only. It signs until a later key does. */
  readonly signsFrom: EpochSeconds
  /** The private half, encrypted; what stands above is authenticated with it. Some thousand characters at most. */
  readonly sealed: string
}

/** All signing keys of a server, and how often the set has changed. */
export interface SigningKeySet {
  /** 0 for a set that was never changed. */
  readonly generation: number
  /** In no order. */
  readonly keys: readonly SigningKeyRecord[]
}
