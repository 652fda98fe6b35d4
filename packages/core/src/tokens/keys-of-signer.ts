import type { EpochSeconds } from '../domain/epoch-seconds.ts'
import type { SigningAlgorithm } from '../domain/signing-key.ts'
import { OAuthError } from '../errors.ts'
import { encodeBase64Url } from '../jose/base64url.ts'
import { verificationKeyOf } from '../jose/verification-key.ts'
import type { VerificationKey } from '../jose/verify-jws.ts'
import type { PublishedKey, Signer, SigningKey } from '../ports/signer.ts'
import { TOKEN_TYPE, type TokenKey, type TokenKeys } from './token-keys.ts'

/**
 * The keys of a signer, for tokens that anybody can verify.
 *
 * @throws TypeError when a published key is unfit for its algorithm.
 */
export function keysOfSigner(signer: Signer): TokenKeys {
  const tokenKeys = new WeakMap<SigningKey, TokenKey>()
  let published = signer.publishedKeys()
  let byKid = verificationKeys(published)

  function tokenKeyOf(key: SigningKey): TokenKey {
    const { kid, alg } = key
    const header = encodeBase64Url(JSON.stringify({ alg, typ: TOKEN_TYPE, kid }))
    const tokenKey: TokenKey = { header, sign: (data) => key.sign(data) }
    tokenKeys.set(key, tokenKey)
    return tokenKey
  }

  return {
    longestTokenSeconds: signer.longestTokenSeconds,
    signing(now, alg) {
      const key = presentKey(signer, now, alg)
      return tokenKeys.get(key) ?? tokenKeyOf(key)
    },
    keyOf(kid) {
      const present = signer.publishedKeys()
      if (present !== published) {
        byKid = verificationKeys(present)
        published = present
      }
      return kid === undefined ? undefined : byKid.get(kid)
    },
  }
}

/**
 * The key of a signer that signs at this second, of that algorithm if one is wanted.
 *
 * @throws OAuthError `server_error` when there is none.
 */
export function presentKey(signer: Signer, now: EpochSeconds, alg?: SigningAlgorithm): SigningKey {
  try {
    const key = signer.signingKey(now, alg)
    if (alg === undefined || key.alg === alg) return key
    throw new Error(`the resource takes ${alg}, and the signer signs with ${key.alg} alone`)
  } catch (cause) {
    throw new OAuthError('server_error', 'there is no key to sign with', {
      reason: `Signer.signingKey failed: ${cause instanceof Error ? cause.message : 'it threw what is no error'}`,
      cause,
    })
  }
}

const verificationKeys = (published: readonly PublishedKey[]): ReadonlyMap<string, VerificationKey> =>
  new Map(published.map((key) => [key.kid, publishedKeyOf(key)]))

function publishedKeyOf({ kid, alg, publicKey }: PublishedKey): VerificationKey {
  try {
    return verificationKeyOf(alg, publicKey)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new TypeError(`signer: the key ${JSON.stringify(kid)}: ${error.message}`)
  }
}
