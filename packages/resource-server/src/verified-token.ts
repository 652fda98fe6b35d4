import type { Confirmation, EpochSeconds, JsonObject } from '@latchkey/core'

/** What an API knows of an active token. */
export interface VerifiedToken {
  /** The client to which it was issued. */
  readonly clientId: string
  /** `sub`: the client itself, unless the token was issued in the name of another. */
  readonly subject: string
  readonly scopes: readonly string[]
  /** `aud`: for whom it is meant, this API among them. */
  readonly audience: readonly string[]
  /** The first second at which it is no longer active. */
  readonly expiresAt: EpochSeconds
  /** Always there in a signed token; an introspection endpoint may leave it out. */
  readonly issuedAt?: EpochSeconds
  /** `jti`: always there in a signed token; an introspection endpoint may leave it out. */
  readonly id?: string
  /** What the token is bound to, all of which was proven; absent in a bearer token. */
  readonly confirmation?: Confirmation
  /** Everything that the token or the introspection endpoint says, under its name on the wire. */
  readonly claims: JsonObject
}

/** What became of a check: a value, or the reason why there is none. */
export type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: string }

/** A check that found a fault. */
export const refused = (reason: string): { readonly ok: false; readonly reason: string } => ({ ok: false, reason })
