import {
  isSharedSecretAlgorithm,
  SHARED_SECRET_ALGORITHMS,
  type SharedSecretAlgorithm,
} from '../domain/shared-secret-algorithms.ts'
import { OAuthError } from '../errors.ts'
import { encodeBase64Url } from '../jose/base64url.ts'
import { type SharedSecretKey, sharedSecretKey } from '../jose/shared-secret-key.ts'
import { TOKEN_TYPE, type TokenKeys } from './token-keys.ts'

/** One secret that the server and the APIs share. */
export interface SharedSecret {
  /** At least as many bytes of UTF-8 as the hash of the algorithm has: 32, 48 or 64. */
  readonly secret: string
  /** `HS256` by default. */
  readonly alg?: SharedSecretAlgorithm | undefined
}

/**
 * The keys of tokens that are signed with a shared secret. It is never published, and has no name: a `kid` would only say
 * which guess to try.
 *
 * @throws TypeError that names the option, when the secret is too short.
 */
export function keysOfSecret({ secret, alg = 'HS256' }: SharedSecret): TokenKeys {
  if (!isSharedSecretAlgorithm(alg))
    throw new TypeError(`jwtSecret.alg must be one of ${SHARED_SECRET_ALGORITHMS.join(', ')}`)
  const key = keyOf(alg, secret)
  const tokenKey = { header: encodeBase64Url(JSON.stringify({ alg, typ: TOKEN_TYPE })), sign: key.sign }
  return {
    longestTokenSeconds: Number.POSITIVE_INFINITY,
    signing(_now, wanted) {
      if (wanted === undefined) return tokenKey
      throw new OAuthError('server_error', 'the token could not be made', {
        reason: `the resource takes ${wanted}, and the server signs with a shared secret`,
      })
    },
    keyOf: (kid) => (kid === undefined ? key : undefined),
  }
}

function keyOf(alg: SharedSecretAlgorithm, secret: string): SharedSecretKey {
  try {
    return sharedSecretKey(alg, typeof secret === 'string' ? secret : '')
  } catch (error) {
    throw new TypeError(`jwtSecret.secret ${(error as Error).message}`)
  }
}
