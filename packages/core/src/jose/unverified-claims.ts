import type { JsonObject } from '../domain/json-value.ts'
import { parseStrictJson } from '../protocol/strict-json.ts'
import { decodeBase64Url } from './base64url.ts'

/**
 * What a JWT claims, before anybody has looked whether it is true: enough to learn by whose keys it is to be verified.
 *
 * @returns `undefined` for what is no JWT in its compact form.
 */
export function unverifiedClaimsOf(token: string): JsonObject | undefined {
  const segments = token.split('.')
  const payload = segments.length === 3 && segments[0] && segments[2] ? decodeBase64Url(segments[1] ?? '') : undefined
  if (payload === undefined) return undefined
  try {
    const claims = parseStrictJson(Buffer.from(payload).toString())
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims) ? (claims as JsonObject) : undefined
  } catch {
    return undefined
  }
}
