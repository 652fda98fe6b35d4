import type { AccessTokenRecord } from '../domain/access-token.ts'
import type { Client } from '../domain/client.ts'
import type { Emit } from '../domain/event.ts'
import { OAuthError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import { askForClaims, type ClaimsHook } from './custom-claims.ts'
import { generateOpaqueToken, tokenIdOf } from './opaque-token.ts'

/** An access token that was made: the value that the client gets, and what there is to remember of it. */
export interface AccessToken {
  /** For the client alone. Never stored, never logged. */
  readonly value: string
  readonly record: AccessTokenRecord
}

/** What a token is made for. */
export interface MintRequest {
  readonly client: Client
  readonly subject: string
  readonly scopes: readonly string[]
  readonly credentialId?: string | undefined
  readonly requestId: string
}

/** How long a token lives, in whole seconds above 0. */
export type AccessTokenLifetime =
  | number
  | ((context: { readonly client: Client; readonly scopes: readonly string[] }) => number)

/** Makes access tokens. Remembers nothing. */
export interface TokenMinter {
  /**
   * @throws OAuthError `temporarily_unavailable` while the tokens of the client are void, `server_error` when a hook fails.
   */
  mint(request: MintRequest): Promise<AccessToken>
}

/** What {@link createTokenMinter} takes. */
export interface TokenMinterDeps {
  readonly clock: Clock
  readonly lifetime: AccessTokenLifetime
  /** `aud` of every token. */
  readonly defaultAudience: string
  readonly claims: ClaimsHook | undefined
  readonly emit: Emit
}

/** Mints reference tokens. */
export function createTokenMinter({ clock, lifetime, defaultAudience, claims, emit }: TokenMinterDeps): TokenMinter {
  const audience = [defaultAudience]

  function lifetimeOf(client: Client, scopes: readonly string[]): number {
    const seconds =
      client.accessTokenLifetimeSeconds ?? (typeof lifetime === 'number' ? lifetime : lifetime({ client, scopes }))
    if (Number.isSafeInteger(seconds) && seconds > 0) return seconds
    throw new OAuthError('server_error', 'the token could not be made', {
      reason: 'accessTokenLifetime returned what is not a whole number of seconds above 0',
    })
  }

  return {
    async mint({ client, subject, scopes, credentialId, requestId }) {
      const issuedAt = clock.now()
      // A token from before `tokensValidFrom` would be void before the client had it.
      if (issuedAt < client.tokensValidFrom)
        throw new OAuthError('temporarily_unavailable', 'tokens of this client are being revoked', {
          reason: 'the tokens of the client are void until tokensValidFrom',
          retryAfterSeconds: client.tokensValidFrom - issuedAt,
        })
      const custom = claims && (await askForClaims(claims, { client, subject, scopes, audience }))
      if (custom && custom.ignored.length > 0)
        emit({
          type: 'claims_ignored',
          at: issuedAt,
          requestId,
          clientId: client.id,
          names: custom.ignored,
        })
      const value = generateOpaqueToken()
      const record: AccessTokenRecord = {
        id: tokenIdOf(value),
        clientId: client.id,
        ...(credentialId !== undefined && { credentialId }),
        subject,
        scopes,
        audience,
        issuedAt,
        expiresAt: issuedAt + lifetimeOf(client, scopes),
        ...(custom?.claims && { claims: custom.claims }),
      }
      return { value, record }
    },
  }
}
