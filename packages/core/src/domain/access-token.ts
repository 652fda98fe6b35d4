import type { Client } from './client.ts'
import type { Confirmation } from './confirmation.ts'
import type { EpochSeconds } from './epoch-seconds.ts'
import type { JsonObject } from './json-value.ts'
import type { StatusReference } from './status-reference.ts'

declare const brand: unique symbol

/**
 * The store's name for a token, 32 bytes in base64url: the SHA-256 of a reference token, the `jti` of a self-contained one.
 * Whoever reads it cannot use the token.
 */
export type TokenId = string & { readonly [brand]: 'TokenId' }

/** What is remembered of a reference token, or read from a self-contained one. Plain data: it survives JSON and `structuredClone`. */
export interface AccessTokenRecord {
  readonly id: TokenId
  readonly clientId: string
  /** The credential by which the client had authenticated; absent where an embedding program vouched for it. */
  readonly credentialId?: string
  /** `sub`: the client itself, unless an embedding program issues in the name of another. */
  readonly subject: string
  readonly scopes: readonly string[]
  /** `aud`: for whom the token is meant. Never empty. */
  readonly audience: readonly string[]
  readonly issuedAt: EpochSeconds
  /** The first second at which it is no longer active. */
  readonly expiresAt: EpochSeconds
  /** What whoever shows the token must prove to hold; absent in a bearer token. */
  readonly confirmation?: Confirmation
  /** Where the list of revoked tokens has its bit; absent in reference tokens, and where no list is published. */
  readonly status?: StatusReference
  /** The client's own claims, and what the `claims` hook added. */
  readonly claims?: JsonObject
}

/**
 * Whether a token that its store knows is *active*: unexpired, not voided by its client, and its client is enabled.
 * The one place that decides it; everything asks here (RFC 7662 §2.2). The server gives its own tokens no leeway.
 *
 * @param client the client to which it was issued, `undefined` when it is gone.
 */
export const isActive = (token: AccessTokenRecord, client: Client | undefined, now: EpochSeconds): boolean =>
  client?.enabled === true && now < token.expiresAt && token.issuedAt >= client.tokensValidFrom

/** How much longer than the token its revocation is kept, in seconds: a revoked token must not wake up where clocks differ. */
export const REVOCATION_MARGIN_SECONDS = 120
