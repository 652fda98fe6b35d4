/** What a key must be like for an algorithm (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). */
export interface KeyShape {
  readonly kty: 'EC' | 'OKP' | 'RSA'
  readonly crv?: string
}

/** An algorithm by which a key in a key set can sign. None of them shares a secret. */
export type SignatureAlgorithm =
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'

/** The keys that go with each algorithm. */
export const SIGNATURE_ALGORITHMS: Readonly<Record<SignatureAlgorithm, KeyShape>> = {
  ES256: { kty: 'EC', crv: 'P-256' },
  ES384: { kty: 'EC', crv: 'P-384' },
  ES512: { kty: 'EC', crv: 'P-521' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
  Ed25519: { kty: 'OKP', crv: 'Ed25519' },
  RS256: { kty: 'RSA' },
  RS384: { kty: 'RSA' },
  RS512: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
  PS384: { kty: 'RSA' },
  PS512: { kty: 'RSA' },
}

/** Whether a name is that of an algorithm that is known. */
export const isSignatureAlgorithm = (name: unknown): name is SignatureAlgorithm =>
  typeof name === 'string' && Object.hasOwn(SIGNATURE_ALGORITHMS, name)

/** Whether two names mean one algorithm: RFC 9864 renames `EdDSA` over Ed25519. */
export const isSameAlgorithm = (a: unknown, b: SignatureAlgorithm): boolean =>
  a === b || (a === 'EdDSA' && b === 'Ed25519') || (a === 'Ed25519' && b === 'EdDSA')
