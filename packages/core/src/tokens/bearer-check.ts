import { OAUTH_ERRORS } from '../errors.ts'
import { bearerChallenge, isBearer, readBearer } from '../protocol/bearer.ts'
import type { RecognisedToken, TokenVerifier } from './token-verifier.ts'

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
  readonly error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope'
  readonly status: number
  readonly headers: { readonly 'www-authenticate': string }
}

/** Whether a request may pass. */
export type BearerVerdict = ({ readonly ok: true } & RecognisedToken) | BearerRefusal

/**
 * Checks the `Authorization` header of a request to an API.
 *
 * @throws OAuthError `temporarily_unavailable` when the backend is away: answer 503, for nobody knows.
 */
export async function checkBearer(verifier: TokenVerifier, question: BearerQuestion): Promise<BearerVerdict> {
  const { authorization, scopes = [] } = question
  if (authorization === undefined || !isBearer(authorization)) return refusal(undefined)
  const token = readBearer(authorization)
  if (token === undefined) return refusal('invalid_request')
  const verdict = await verifier.verify({ token, scopes })
  if (verdict.ok) return verdict
  return verdict.error === 'insufficient_scope' ? refusal(verdict.error, scopes.join(' ')) : refusal(verdict.error)
}

function refusal(error: BearerRefusal['error'], scope?: string): BearerRefusal {
  const headers = { 'www-authenticate': bearerChallenge({ error, scope }) }
  if (error === undefined) return { ok: false, status: 401, headers }
  return { ok: false, error, status: OAUTH_ERRORS[error], headers }
}
