import type { TokenResponse } from '../protocol/token-response.ts'
import { asOAuthError } from './watch.ts'

/** An answer that any HTTP host can send as it is. */
export interface EndpointResponse {
  readonly status: number
  /** Names in lower case, in the order in which they are sent. */
  readonly headers: Readonly<Record<string, string>>
  /** JSON, a signed answer, or nothing. */
  readonly body: string
}

const JSON_HEADERS = { 'content-type': 'application/json' }
// Shared by all answers and therefore frozen: putting them together anew cost more than writing the body.
const NO_STORE = Object.freeze({ 'cache-control': 'no-store', pragma: 'no-cache' })
const JSON_NO_STORE = Object.freeze({ ...JSON_HEADERS, ...NO_STORE })
const SIGNED_NO_STORE = Object.freeze({ 'content-type': 'application/token-introspection+jwt', ...NO_STORE })

/** What an `error_description` MUST NOT include (RFC 6749 §5.2): a grant of somebody's own may say anything. */
const NO_DESCRIPTION = /[^\x20\x21\x23-\x5b\x5d-\x7e]/g

/** A document that anybody may keep for a while. */
export const documentResponse = (document: object): EndpointResponse => ({
  status: 200,
  headers: { ...JSON_HEADERS, 'cache-control': 'public, max-age=300' },
  body: JSON.stringify(document),
})

/** A good answer of the token, introspection or revocation endpoint: nobody may keep it (RFC 6749 §5.1, RFC 7662 §2.2). */
export const answerResponse = (answer: object | undefined): EndpointResponse =>
  answer === undefined
    ? { status: 200, headers: NO_STORE, body: '' }
    : { status: 200, headers: JSON_NO_STORE, body: JSON.stringify(answer) }

/**
 * The answer to a token request (RFC 6749 §5.1). Written out, which takes a tenth of the time: a token is base64url and dots,
 * and no scope has a character that JSON escapes (§3.3).
 */
export function tokenResponse({ access_token, token_type, expires_in, scope }: TokenResponse): EndpointResponse {
  const members = `"access_token":"${access_token}","token_type":"${token_type}","expires_in":${expires_in}`
  const body = scope === undefined ? `{${members}}` : `{${members},"scope":"${scope}"}`
  return { status: 200, headers: JSON_NO_STORE, body }
}

/** A signed answer of the introspection endpoint (RFC 9701 §5). */
export const signedAnswerResponse = (jwt: string): EndpointResponse => ({
  status: 200,
  headers: SIGNED_NO_STORE,
  body: jwt,
})

/**
 * A refusal as RFC 6749 §5.2 words it, for everything that an endpoint can throw. What is no `OAuthError` becomes a
 * `server_error` that tells nothing.
 */
export function errorResponse(thrown: unknown): EndpointResponse {
  const error = asOAuthError(thrown)
  return {
    status: error.status,
    headers: {
      ...JSON_NO_STORE,
      ...(error.challenge !== undefined && {
        'www-authenticate': error.challenge,
      }),
      ...(error.dpopNonce !== undefined && { 'dpop-nonce': error.dpopNonce }),
      ...(error.retryAfterSeconds !== undefined && {
        'retry-after': String(error.retryAfterSeconds),
      }),
      ...(error.allow !== undefined && { allow: error.allow }),
    },
    body: JSON.stringify({
      error: error.code,
      error_description: error.message.replace(NO_DESCRIPTION, '?'),
    }),
  }
}
