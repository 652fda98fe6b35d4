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

/** What {@link checkBearer} takes. */
export interface BearerCheckDeps {
  readonly verifier: TokenVerifier
  /** The realm, where there is nothing else to say: a challenge has at least one parameter (RFC 6750 §3). */
  readonly issuer: string
}

/**
 * Checks the `Authorization` header of a request to an API.
 *
 * @throws OAuthError `temporarily_unavailable` when the backend is away: answer 503, for nobody knows.
 */
export async function checkBearer(
  { verifier, issuer }: BearerCheckDeps,
  question: BearerQuestion,
): Promise<BearerVerdict> {
  const { authorization, scopes = [] } = question
  if (authorization === undefined || !isBearer(authorization)) return unauthenticated(issuer)
  const token = readBearer(authorization)
  if (token === undefined) return refusal('invalid_request')
  const verdict = await verifier.verify({ token, scopes })
  if (verdict.ok) return verdict
  return verdict.error === 'insufficient_scope' ? refusal(verdict.error, scopes.join(' ')) : refusal(verdict.error)
}

const unauthenticated = (issuer: string): BearerRefusal => ({
  ok: false,
  status: 401,
  headers: { 'www-authenticate': bearerChallenge({ realm: issuer }) },
})

function refusal(error: NonNullable<BearerRefusal['error']>, scope?: string): BearerRefusal {
  return {
    ok: false,
    error,
    status: OAUTH_ERRORS[error],
    headers: { 'www-authenticate': bearerChallenge({ error, scope }) },
  }
}
