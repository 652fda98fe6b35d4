import type { AccessTokenRecord } from '../domain/access-token.ts'
import type { Client } from '../domain/client.ts'
import type { Emit } from '../domain/event.ts'
import { isScopeToken } from '../domain/scope-token.ts'
import { isShortText } from '../domain/text.ts'
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
   * @throws OAuthError `temporarily_unavailable` while the tokens of the client are void, `server_error` when a hook fails
   * or a grant, or a calling program, asks for what no token can say.
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
  // Every record shares it, and hooks and listeners see it: nobody may add to it.
  const audience = Object.freeze([defaultAudience])

  function lifetimeOf(client: Client, scopes: readonly string[]): number {
    const seconds =
      client.accessTokenLifetimeSeconds ?? (typeof lifetime === 'number' ? lifetime : ask(lifetime, client, scopes))
    if (Number.isSafeInteger(seconds) && seconds > 0) return seconds
    throw impossible('accessTokenLifetime returned what is not a whole number of seconds above 0')
  }

  async function withCustomClaims(
    token: AccessTokenRecord,
    client: Client,
    requestId: string,
  ): Promise<AccessTokenRecord> {
    if (claims === undefined) return token
    const { subject, scopes } = token
    const custom = await askForClaims(claims, { client, subject, scopes, audience })
    if (custom.ignored.length > 0)
      emit({
        type: 'claims_ignored',
        at: token.issuedAt,
        requestId,
        clientId: token.clientId,
        names: custom.ignored,
      })
    return custom.claims === undefined ? token : { ...token, claims: custom.claims }
  }

  return {
    async mint({ client, subject, scopes: granted, credentialId, requestId }) {
      const issuedAt = clock.now()
      // A token from before `tokensValidFrom` would be void before the client had it.
      if (issuedAt < client.tokensValidFrom)
        throw new OAuthError('temporarily_unavailable', 'tokens of this client are being revoked', {
          reason: 'the tokens of the client are void until tokensValidFrom',
          retryAfterSeconds: client.tokensValidFrom - issuedAt,
        })
      const scopes = frozenScopes(granted)
      if (subject === '' || ![subject, credentialId ?? ''].every(isShortText))
        throw impossible('the subject and the id of the credential must be texts that every backend can keep')
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
      }
      return { value, record: await withCustomClaims(record, client, requestId) }
    },
  }
}

/** A copy that hooks may see and cannot widen. A word that is none, such as two with a space between them, would be read as others. */
function frozenScopes(scopes: readonly string[]): readonly string[] {
  if (Array.isArray(scopes) && scopes.every((scope) => typeof scope === 'string' && isScopeToken(scope)))
    return Object.freeze([...scopes])
  throw impossible('the scopes of a token must be words of printable ASCII (RFC 6749 §3.3)')
}

function ask(lifetime: Exclude<AccessTokenLifetime, number>, client: Client, scopes: readonly string[]): number {
  try {
    return lifetime({ client, scopes })
  } catch (cause) {
    throw impossible(`accessTokenLifetime threw: ${cause instanceof Error ? cause.message : 'what is no error'}`, cause)
  }
}

const impossible = (reason: string, cause?: unknown): OAuthError =>
  new OAuthError('server_error', 'the token could not be made', { reason, cause })
