import { OAuthError } from '@latchkey/core'

/** How long a caller is asked to wait before it tries again, in seconds. */
const RETRY_AFTER_SECONDS = 2

/**
 * What is thrown where nobody knows whether a token is active: the issuer is away, or answers what cannot be believed. It is
 * answered with 503, never with 200 and never with 401.
 */
export const cannotKnow = (reason: string, cause?: unknown): OAuthError =>
  new OAuthError('temporarily_unavailable', 'the token cannot be verified at the moment', {
    reason,
    cause,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  })
