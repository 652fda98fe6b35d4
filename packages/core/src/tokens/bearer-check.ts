import { OAUTH_ERRORS } from '../errors.ts'
import { bearerChallenge, isBearer, readBearer } from '../protocol/bearer.ts'
import type { RecognisedToken, TokenQuestion } from './token-verifier.ts'

/** What an API asks of a request. */
export interface BearerQuestion {
  /** The value of the one `Authorization` header. A token anywhere else is not looked at (RFC 6750 §2). */
  readonly authorization: string | undefined
  /** All of them must have been granted; none by default. */
  readonly scopes?: readonly string[]
}

/** A refusal as RFC 6750 §3 words it: send this status and this header, and nothing of the resource. */
export interface BearerRefusal {
  readonly ok: false
  /** Absent where no token was sent at all: then the caller is told no more than how to authenticate (§3.1). */
  readonly error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope' | 'invalid_dpop_proof' | 'use_dpop_nonce'
  readonly status: number
  readonly headers: {
    readonly 'www-authenticate': string
    /** What the next proof must hold (RFC 9449 §9). */
    readonly 'dpop-nonce'?: string
  }
}

/** Whether a request may pass. */
export type BearerVerdict<Active = RecognisedToken> = ({ readonly ok: true } & Active) | BearerRefusal

/** What is asked of tokens, whoever knows them: {@link TokenVerifier} here, an API's own verifier elsewhere. */
export interface BearerVerifier<Active> {
  verify(
    question: TokenQuestion,
  ): Promise<
    ({ readonly ok: true } & Active) | { readonly ok: false; readonly error: 'invalid_token' | 'insufficient_scope' }
  >
}

/** What every challenge of an API has in common. */
export interface BearerChallenge {
  /** Named where there is nothing else to say: a challenge has at least one parameter (RFC 6750 §3). */
  readonly realm: string
  /** Where the API's metadata is (RFC 9728 §5.1). */
  readonly resourceMetadata?: string | undefined
}

/** What {@link checkBearer} takes. */
export interface BearerCheckDeps<Active> extends BearerChallenge {
  readonly verifier: BearerVerifier<Active>
}

/**
 * Checks the `Authorization` header of a request to an API.
 *
 * @throws OAuthError `temporarily_unavailable` when the backend is away: answer 503, for nobody knows.
 */
export async function checkBearer<Active>(
  { verifier, ...challenge }: BearerCheckDeps<Active>,
  question: BearerQuestion,
): Promise<BearerVerdict<Active>> {
  const { authorization, scopes = [] } = question
  if (authorization === undefined || !isBearer(authorization)) return bearerRefusal(challenge)
  const token = readBearer(authorization)
  if (token === undefined) return bearerRefusal(challenge, 'invalid_request')
  const verdict = await verifier.verify({ token, scopes })
  if (verdict.ok) return verdict
  return bearerRefusal(challenge, verdict.error, verdict.error === 'insufficient_scope' ? scopes.join(' ') : undefined)
}

/** A refusal with its challenge. Without an error it is that of a request which showed no token. */
export function bearerRefusal(
  { realm, resourceMetadata: resource_metadata }: BearerChallenge,
  error?: NonNullable<BearerRefusal['error']>,
  scope?: string,
): BearerRefusal {
  if (error === undefined)
    return { ok: false, status: 401, headers: { 'www-authenticate': bearerChallenge({ realm, resource_metadata }) } }
  return {
    ok: false,
    error,
    status: OAUTH_ERRORS[error],
    headers: { 'www-authenticate': bearerChallenge({ error, scope, resource_metadata }) },
  }
}
