import { type AccessTokenRecord, isActive, REVOCATION_MARGIN_SECONDS } from '../domain/access-token.ts'
import type { Client } from '../domain/client.ts'
import { type Confirmation, isConfirmed } from '../domain/confirmation.ts'
import type { ClientRepository } from '../ports/client-repository.ts'
import type { Clock } from '../ports/clock.ts'
import type { TokenStore } from '../ports/token-store.ts'
import type { JwtAccessTokens } from './jwt-access-token.ts'
import { isOpaqueToken, tokenIdOf } from './opaque-token.ts'

/** An active token and the client that holds it. */
export interface RecognisedToken {
  readonly record: AccessTokenRecord
  readonly client: Client
}

/** What an API learns of a token. */
export type TokenVerdict =
  | ({ readonly ok: true } & RecognisedToken)
  | {
      readonly ok: false
      readonly error: 'invalid_token' | 'insufficient_scope'
    }

/** What an API asks of a token. */
export interface TokenQuestion {
  readonly token: string
  /** All of them must have been granted; none by default. */
  readonly scopes?: readonly string[] | undefined
  /** What whoever showed the token has proven to hold: a token that is bound to anything else is not active for it. */
  readonly proven?: Confirmation | undefined
}

/** Recognises tokens. The one place that knows which of them are active. */
export interface TokenVerifier {
  /**
   * What is known of a value, active or not; `undefined` for what is no token of ours or was revoked.
   *
   * @throws OAuthError `temporarily_unavailable` when the backend is away: then nobody knows.
   */
  find(value: string): Promise<AccessTokenRecord | undefined>
  /**
   * The token, if it is active at this moment.
   *
   * @param known a client that was found for the same request: it is not looked up again where the token is its own.
   * @throws as `find` does.
   */
  recognise(value: string, known?: Client): Promise<RecognisedToken | undefined>
  /** Whether a token is active and has the scopes. @throws as `find` does. */
  verify(question: TokenQuestion): Promise<TokenVerdict>
}

/** What {@link createTokenVerifier} takes. */
export interface TokenVerifierDeps {
  readonly tokens: TokenStore
  readonly clients: ClientRepository
  readonly clock: Clock
  /** Absent where there is no key that signs. */
  readonly jwts: JwtAccessTokens | undefined
}

/** Verifies tokens of both formats: garbage, and what others have signed, is refused without asking the store. */
export function createTokenVerifier({ tokens, clients, clock, jwts }: TokenVerifierDeps): TokenVerifier {
  const find: TokenVerifier['find'] = async (value) => {
    if (isOpaqueToken(value)) return tokens.find(tokenIdOf(value))
    const record = await jwts?.read(value)
    // One that has long expired is good nowhere: to write down its revocation, for one, would help nobody.
    if (record === undefined || record.expiresAt + REVOCATION_MARGIN_SECONDS <= clock.now()) return undefined
    return (await tokens.isRevoked(record.id)) ? undefined : record
  }

  const recognise: TokenVerifier['recognise'] = async (value, known) => {
    const record = await find(value)
    if (record === undefined) return undefined
    const client = known?.id === record.clientId ? known : await clients.find(record.clientId)
    return client !== undefined && isActive(record, client, clock.now()) ? { record, client } : undefined
  }

  return {
    find,
    recognise,
    async verify({ token, scopes = [], proven }) {
      const recognised = await recognise(token)
      // RFC 9449 §7.2, RFC 8705 §3: one that is bound, and shown without the proof, is in the hands of a thief.
      if (recognised === undefined || !isConfirmed(recognised.record.confirmation, proven))
        return { ok: false, error: 'invalid_token' }
      if (!scopes.every((scope) => recognised.record.scopes.includes(scope)))
        return { ok: false, error: 'insufficient_scope' }
      return { ok: true, ...recognised }
    },
  }
}
