/** The answer to a token request (RFC 6749 §5.1). There is no refresh token (§4.4.3). */
export interface TokenResponse {
  readonly access_token: string
  /** `DPoP` where the token is bound to a key (RFC 9449 §5). */
  readonly token_type: 'Bearer' | 'DPoP'
  /** Lifetime in seconds. */
  readonly expires_in: number
  /** What was granted, also where it is what was asked for; absent when the token has no scope. */
  readonly scope?: string
}
