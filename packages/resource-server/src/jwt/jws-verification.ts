import { type JsonObject, parseStrictJson } from '@latchkey/core'
import { base64url, type CryptoKey, compactVerify } from 'jose'
import { type Checked, refused } from '../verified-token.ts'

/** What {@link verifyJws} asks of a token. */
export interface JwsExpectation<Algorithm extends string> {
  /** The media types that `typ` may name, in lower case and without `application/`. */
  readonly types: readonly string[]
  readonly algorithms: readonly Algorithm[]
  /** The keys that may have signed it. */
  keysFor(keyId: string, algorithm: Algorithm): Promise<readonly (CryptoKey | Uint8Array)[]>
}

/** The longest token that is looked at, in characters: Node itself takes no longer header than that. */
export const MAX_TOKEN_LENGTH = 16_384

/** A compact JWS: three parts, of which none is empty. Whether each is base64url is seen when it is decoded. */
const COMPACT_JWS = /^(?<header>[\w-]+)\.(?<payload>[\w-]+)\.(?<signature>[\w-]+)$/

/**
 * What a header may not hold. `crit` asks for what nobody here understands (RFC 7515 §4.1.11); `b64` is one of those; the
 * others offer a key, and a key that comes with the token proves nothing (RFC 8725 §3.10).
 */
const FORBIDDEN = ['crit', 'b64', 'jwk', 'jku', 'x5c', 'x5u'] as const

/** Whether a value has the form of a signed token, and so is not one to ask the issuer about. */
export const isCompactJws = (token: string): boolean => COMPACT_JWS.test(token)

/**
 * Verifies a compact JWS whose content is a JSON object, strictly: one way to write it, one algorithm of those allowed, a key
 * of the issuer's own.
 *
 * @throws what `keysFor` throws.
 */
export async function verifyJws<Algorithm extends string>(
  token: string,
  { types, algorithms, keysFor }: JwsExpectation<Algorithm>,
): Promise<Checked<JsonObject>> {
  if (token.length > MAX_TOKEN_LENGTH) return refused('the token is too long')
  const parts = COMPACT_JWS.exec(token)?.groups
  if (parts === undefined) return refused('the token is no compact JWS')
  const { header: rawHeader = '', payload: rawPayload = '', signature = '' } = parts
  if (![rawHeader, rawPayload, signature].every(isCanonical))
    return refused('the token is not written in canonical base64url')

  const header = readObject(rawHeader)
  if (header === undefined) return refused('the header is no JSON object with each member once')
  const forbidden = FORBIDDEN.find((name) => Object.hasOwn(header, name))
  if (forbidden !== undefined) return refused(`the header holds ${forbidden}`)
  const { typ, alg, kid } = header
  if (typeof typ !== 'string' || !types.includes(typ.toLowerCase().replace(/^application\//, '')))
    return refused('typ is not that of such a token')
  const algorithm = algorithms.find((allowed) => allowed === alg)
  if (algorithm === undefined) return refused('alg is not one of those that are allowed')
  if (typeof kid !== 'string' || kid === '') return refused('kid is missing')

  const keys = await keysFor(kid, algorithm)
  if (keys.length === 0) return refused('the issuer has no such key')
  const signed = await isSigned(token, keys, algorithm)
  if (!signed) return refused('the signature is not that of the key')
  // Only now: what nobody vouches for is not read.
  const payload = readObject(rawPayload)
  return payload === undefined
    ? refused('the content is no JSON object with each member once')
    : { ok: true, value: payload }
}

async function isSigned(token: string, keys: readonly (CryptoKey | Uint8Array)[], algorithm: string): Promise<boolean> {
  for (const key of keys) {
    try {
      await compactVerify(token, key, { algorithms: [algorithm] })
      return true
    } catch {
      // Another key of the same id may be the one.
    }
  }
  return false
}

/** Of the texts that a lenient decoder takes for the same bytes, the one that an encoder writes (RFC 4648 §3.5). */
const isCanonical = (part: string): boolean => {
  try {
    return base64url.encode(base64url.decode(part)) === part
  } catch {
    return false
  }
}

function readObject(part: string): JsonObject | undefined {
  try {
    const value = parseStrictJson(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(base64url.decode(part)),
    )
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}
