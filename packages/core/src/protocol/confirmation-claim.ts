import { type Confirmation, isConfirmation } from '../domain/confirmation.ts'
import type { JsonObject, JsonValue } from '../domain/json-value.ts'

/** The value of `cnf` (RFC 7800 §3.1) in a token and in introspection: `jkt` (RFC 9449 §6.1), `x5t#S256` (RFC 8705 §3.1). */
export const confirmationClaim = ({ jkt, x5tS256 }: Confirmation): JsonObject => ({
  ...(jkt !== undefined && { jkt }),
  ...(x5tS256 !== undefined && { 'x5t#S256': x5tS256 }),
})

/** What a `cnf` says; `undefined` where any of it is not understood: such a token is not to be believed at all. */
export function readConfirmationClaim(cnf: JsonValue): Confirmation | undefined {
  if (typeof cnf !== 'object' || cnf === null || Array.isArray(cnf)) return undefined
  const { 'x5t#S256': x5tS256, ...others } = cnf as JsonObject
  // Our own name for the member is none on the wire.
  if (Object.hasOwn(others, 'x5tS256')) return undefined
  const confirmation: unknown = x5tS256 === undefined ? others : { ...others, x5tS256 }
  return isConfirmation(confirmation) ? confirmation : undefined
}

/** How a token is to be presented (RFC 6749 §7.1): one that is bound to a key by `DPoP`, any other by `Bearer` (RFC 9449 §5). */
export const tokenTypeOf = (confirmation: Confirmation | undefined): 'Bearer' | 'DPoP' =>
  confirmation?.jkt === undefined ? 'Bearer' : 'DPoP'
