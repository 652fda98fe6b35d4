import type { JsonObject, JsonValue } from '../domain/json-value.ts'
import { parseStrictJson } from '../protocol/strict-json.ts'
import { decodeBase64Url } from './base64url.ts'

/** A key and the one algorithm that it verifies (RFC 8725 §3.1). */
export interface VerificationKey {
  readonly alg: string
  verify(data: Uint8Array, signature: Uint8Array): Promise<boolean>
}

/** What is asked of a signed token. */
export interface JwsExpectation {
  /** The exact value of `typ`, or what tells a good one: a token that was made for something else is none (RFC 8725 §3.11). */
  readonly typ: string | ((typ: JsonValue | undefined) => boolean)
  /** In characters. */
  readonly longest: number
  /**
   * The key that `kid` names. Nothing else of the header is looked at here: no `jwk`, `jku`, `x5c` or `x5u` finds a key. Who
   * has reasons of its own to refuse a header answers that there is none.
   */
  keyOf(kid: string | undefined, header: JsonObject): VerificationKey | undefined | Promise<VerificationKey | undefined>
}

/** What a signed token says, or why it is none. The reason is the operator's. */
export type JwsVerdict =
  | { readonly ok: true; readonly header: JsonObject; readonly payload: JsonObject }
  | { readonly ok: false; readonly reason: string }

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Verifies a JWS in its compact form (RFC 7515 §5.2), strictly: one way to write each token, no member twice, and the
 * algorithm is the key's own, never the token's to choose.
 *
 * @throws what `keyOf` and the key throw.
 */
export async function verifyJws(token: string, { typ, longest, keyOf }: JwsExpectation): Promise<JwsVerdict> {
  if (token.length > longest) return refused('it is too long')
  const segments = token.split('.')
  const [header64, payload64, signature64] = segments.map(decodeBase64Url)
  if (segments.length !== 3 || !header64 || !payload64 || !signature64)
    return refused('it is not three segments of base64url')
  const header = jsonOf(header64)
  if (header === undefined) return refused('its header is no JSON object that names each member once')
  if (typeof typ === 'string' ? header['typ'] !== typ : !typ(header['typ'])) return refused('its typ is another')
  // RFC 7515 §4.1.11: what is critical must be understood, and nothing that could be is; `b64` stands under it (RFC 7797 §6).
  if ('crit' in header || 'b64' in header) return refused('it has an extension that is not understood')
  const { kid } = header
  if (kid !== undefined && typeof kid !== 'string') return refused('its kid is no text')
  const key = await keyOf(kid, header)
  if (key === undefined) return refused('its key is not known')
  if (header['alg'] !== key.alg) return refused('its alg is not that of the key')
  const signed = Buffer.from(token.slice(0, token.lastIndexOf('.')), 'latin1')
  if (!(await key.verify(signed, signature64))) return refused('its signature is not good')
  const payload = jsonOf(payload64)
  if (payload === undefined) return refused('its payload is no JSON object that names each member once')
  return { ok: true, header, payload }
}

function jsonOf(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value = parseStrictJson(utf8.decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}

const refused = (reason: string): JwsVerdict => ({ ok: false, reason })
