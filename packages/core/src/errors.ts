/**
 * Every code that an answer of Latchkey can carry, and the HTTP status that goes with it.
 *
 * The codes are registered ones: RFC 6749 §5.2, RFC 6750 §3.1, RFC 7009 §2.2.1, RFC 8707 §2, RFC 9449 §5 and §8, and
 * `server_error` and `temporarily_unavailable` of RFC 6749 §4.1.2.1, which are the only registered words for a fault on our
 * side. This table drives the answers, the
 * type, `docs/reference/errors.md` and its test.
 */
export const OAUTH_ERRORS = {
  invalid_request: 400,
  invalid_client: 401,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  invalid_scope: 400,
  invalid_target: 400,
  unsupported_token_type: 400,
  invalid_dpop_proof: 400,
  use_dpop_nonce: 400,
  invalid_token: 401,
  insufficient_scope: 403,
  server_error: 500,
  temporarily_unavailable: 503,
} as const

/** A code of the table {@link OAUTH_ERRORS}. */
export type OAuthErrorCode = keyof typeof OAUTH_ERRORS

/** What {@link OAuthError} takes beside its code and its message. */
export interface OAuthErrorOptions {
  /** For the operator: why it was refused. Goes to events and logs, never into an answer. Holds no secret and no token. */
  readonly reason?: string
  /** The value of `WWW-Authenticate` that the answer carries (RFC 9110 §11.6.1). */
  readonly challenge?: string
  /** The nonce that a proof must hold; becomes `DPoP-Nonce` (RFC 9449 §8). */
  readonly dpopNonce?: string
  /** How long the caller should wait before it tries again, in seconds; becomes `Retry-After` (RFC 9110 §10.2.3). */
  readonly retryAfterSeconds?: number
  /** A status more exact than the table's, where HTTP has one: 404, 405, 406, 413, 431. */
  readonly status?: number
  /** The methods that the endpoint knows, for a 405 (RFC 9110 §15.5.6). */
  readonly allow?: string
  /** What was thrown underneath, for the operator. */
  readonly cause?: unknown
}

/**
 * A refusal or a failure, as the protocol words it. The one error class of Latchkey.
 *
 * It has two readers. `message` becomes `error_description` and goes to the client: a fixed sentence that never repeats
 * what was sent. `reason` and `cause` are the operator's. The two are never joined.
 */
export class OAuthError extends Error {
  override readonly name = 'OAuthError'
  readonly code: OAuthErrorCode
  readonly status: number
  readonly reason: string | undefined
  readonly challenge: string | undefined
  readonly dpopNonce: string | undefined
  readonly retryAfterSeconds: number | undefined
  readonly allow: string | undefined

  constructor(code: OAuthErrorCode, message: string, options: OAuthErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = options.status ?? OAUTH_ERRORS[code]
    this.reason = options.reason
    this.challenge = options.challenge
    this.dpopNonce = options.dpopNonce
    this.retryAfterSeconds = options.retryAfterSeconds
    this.allow = options.allow
  }
}
