import { type JsonObject, type JsonValue, type SigningAlgorithm, type VerificationKey, verifyJws } from '@latchkey/core'
import { type Checked, refused } from '../verified-token.ts'

/** What {@link verifySignedToken} asks of a token. */
export interface SignedTokenExpectation {
  readonly algorithms: readonly SigningAlgorithm[]
  /** What `typ` must be: that of an access token unless given. */
  readonly typ?: RegExp
  /** In characters: as an access token unless given. */
  readonly longest?: number
  /** The issuer's key that may have signed it. */
  keyFor(keyId: string, algorithm: SigningAlgorithm): Promise<VerificationKey | undefined>
}

/** The longest token that is looked at, in characters: Node itself takes no longer header than that. */
export const MAX_TOKEN_LENGTH = 16_384

const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** Whether a value has the form of an encrypted token (RFC 7516 §3.1), some parts of which may be empty. */
export const isCompactJwe = (token: string): boolean => token.split('.').length === 5

/** Where a header may offer a key. One that comes with the token proves nothing (RFC 8725 §3.10). */
const OFFERS_OF_KEYS = ['jwk', 'jku', 'x5c', 'x5u'] as const

/** Whether a value has the form of a signed token, and so is not one to ask the issuer about. */
export const isCompactJws = (token: string): boolean => COMPACT_JWS.test(token)

/**
 * What a signed access token says (RFC 9068), when a key of the issuer has signed it by an algorithm that is allowed.
 *
 * @throws what `keyFor` throws.
 */
export async function verifySignedToken(
  token: string,
  { algorithms, keyFor, typ = ACCESS_TOKEN_TYPE, longest = MAX_TOKEN_LENGTH }: SignedTokenExpectation,
): Promise<Checked<JsonObject>> {
  let reason: string | undefined
  const verdict = await verifyJws(token, {
    typ: (value: JsonValue | undefined) => typeof value === 'string' && typ.test(value),
    longest,
    async keyOf(keyId, header) {
      const offer = OFFERS_OF_KEYS.find((name) => Object.hasOwn(header, name))
      const algorithm = algorithms.find((allowed) => allowed === header['alg'])
      if (offer !== undefined) reason = `its header holds ${offer}`
      else if (algorithm === undefined) reason = 'its alg is not one of those that are allowed'
      else if (keyId === undefined || keyId === '') reason = 'its kid is missing'
      else return keyFor(keyId, algorithm)
      return undefined
    },
  })
  return verdict.ok ? { ok: true, value: verdict.payload } : refused(reason ?? verdict.reason)
}

/** RFC 9068 §4; a media type has no case, and its first part may be left out (RFC 7515 §4.1.9). */
const ACCESS_TOKEN_TYPE = /^(?:application\/)?at\+jwt$/i

/** The same for a list of statuses (draft-ietf-oauth-status-list §5.1). */
export const STATUS_LIST_TYPE: RegExp = /^(?:application\/)?statuslist\+jwt$/i
