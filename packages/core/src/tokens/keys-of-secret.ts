import { bytesEqual, hmacOf, secretKeyOf } from '../crypto.ts'
import { OAuthError } from '../errors.ts'
import { encodeBase64Url } from '../jose/base64url.ts'
import { TOKEN_TYPE, type TokenKeys } from './token-keys.ts'

/** Each takes a secret at least as long as its hash (RFC 7518 §3.2). */
const DIGESTS = {
  HS256: { digest: 'sha256', bytes: 32 },
  HS384: { digest: 'sha384', bytes: 48 },
  HS512: { digest: 'sha512', bytes: 64 },
} as const

/** The algorithms by which whoever can verify a token can also make one. */
export type SharedSecretAlgorithm = keyof typeof DIGESTS

/** One secret that the server and the APIs share. */
export interface SharedSecret {
  /** At least as many bytes of UTF-8 as the hash of the algorithm has: 32, 48 or 64. */
  readonly secret: string
  /** `HS256` by default. */
  readonly alg?: SharedSecretAlgorithm | undefined
}

/** The names of these algorithms. */
export const SHARED_SECRET_ALGORITHMS: readonly SharedSecretAlgorithm[] = ['HS256', 'HS384', 'HS512']

/** Whether a name is one of them. */
export const isSharedSecretAlgorithm = (name: string): name is SharedSecretAlgorithm => Object.hasOwn(DIGESTS, name)

/**
 * The keys of tokens that are signed with a shared secret. It is never published, and has no name: a `kid` would only say
 * which guess to try.
 *
 * @throws TypeError that names the option, when the secret is too short.
 */
export function keysOfSecret({ secret, alg = 'HS256' }: SharedSecret): TokenKeys {
  if (!isSharedSecretAlgorithm(alg))
    throw new TypeError(`jwtSecret.alg must be one of ${SHARED_SECRET_ALGORITHMS.join(', ')}`)
  const { digest, bytes } = DIGESTS[alg]
  if (typeof secret !== 'string' || Buffer.byteLength(secret) < bytes)
    throw new TypeError(`jwtSecret.secret must have at least ${bytes} bytes for ${alg} (RFC 7518 §3.2)`)
  const key = secretKeyOf(secret)
  const tokenKey = {
    header: encodeBase64Url(JSON.stringify({ alg, typ: TOKEN_TYPE })),
    sign: (data: Uint8Array) => hmacOf(digest, key, data),
  }
  const verificationKey = {
    alg,
    verify: async (data: Uint8Array, signature: Uint8Array) => bytesEqual(hmacOf(digest, key, data), signature),
  }
  return {
    longestTokenSeconds: Number.POSITIVE_INFINITY,
    signing(_now, wanted) {
      if (wanted === undefined) return tokenKey
      throw new OAuthError('server_error', 'the token could not be made', {
        reason: `the resource takes ${wanted}, and the server signs with a shared secret`,
      })
    },
    keyOf: (kid) => (kid === undefined ? verificationKey : undefined),
  }
}
