import type { EpochSeconds } from '../domain/epoch-seconds.ts'
import type { JsonObject, JsonValue } from '../domain/json-value.ts'

/** All that anybody learns of a token that is not active, whatever the reason (RFC 7662 §2.2). */
export interface InactiveToken {
  readonly active: false
}

/** What is told of an active token (RFC 7662 §2.2), beside the claims that the `claims` hook added. */
export interface ActiveToken {
  readonly active: true
  readonly scope?: string
  readonly client_id: string
  /** `DPoP` where the token is bound to a key (RFC 9449 §6.2). */
  readonly token_type: 'Bearer' | 'DPoP'
  /** What the token is bound to (RFC 7800 §3.1); absent in a bearer token. */
  readonly cnf?: JsonObject
  readonly exp: EpochSeconds
  readonly iat: EpochSeconds
  readonly sub: string
  readonly aud: string | readonly string[]
  readonly iss: string
  readonly jti: string
  readonly [claim: string]: JsonValue | undefined
}

/** The answer to an introspection request. */
export type IntrospectionResponse = ActiveToken | InactiveToken
