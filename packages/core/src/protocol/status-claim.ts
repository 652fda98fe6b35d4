import type { JsonObject, JsonValue } from '../domain/json-value.ts'
import { isStatusReference, type StatusReference } from '../domain/status-reference.ts'

/** What the addresses of an issuer's lists begin with. */
export const statusListAddress = (issuer: string): string => `${issuer.replace(/\/$/, '')}/status-lists/`

/** The claim `status` of a token (draft-ietf-oauth-status-list §6.2). */
export const statusClaim = ({ list, index }: StatusReference, issuer: string): JsonObject => ({
  status_list: { idx: index, uri: statusListAddress(issuer) + list },
})

/** The place that a token of this issuer names; `undefined` for a claim that the issuer did not write. */
export function readStatusClaim(claim: JsonValue, issuer: string): StatusReference | undefined {
  const { idx, uri } = objectIn(objectIn(claim)['status_list'])
  const address = statusListAddress(issuer)
  if (typeof uri !== 'string' || !uri.startsWith(address)) return undefined
  const reference = { list: uri.slice(address.length), index: idx as number }
  return isStatusReference(reference) ? reference : undefined
}

const objectIn = (value: JsonValue | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
