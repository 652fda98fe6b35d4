import type { JsonObject } from '@latchkey/core'
import { isCompactJws, MAX_TOKEN_LENGTH, verifySignedToken } from './jwt/signed-token.ts'
import type { ResolvedOptions } from './options.ts'
import { createIssuer } from './remote/issuer.ts'
import { readTokenClaims, SELF_CONTAINED } from './token-claims.ts'
import { type Checked, refused, type VerifiedToken } from './verified-token.ts'

/**
 * Recognises active tokens. The one place that decides.
 *
 * @throws OAuthError `temporarily_unavailable` when nobody knows.
 */
export type TokenRecogniser = (token: string) => Promise<Checked<VerifiedToken>>

/** Verifies what is signed with the issuer's keys, and asks the issuer about the rest, as far as the options say. */
export function createTokenRecogniser(options: ResolvedOptions): TokenRecogniser {
  const { issuer: name, audience, algorithms, leewaySeconds, clock, introspection } = options
  const issuer = createIssuer(options)

  const read = (claims: JsonObject, required: typeof SELF_CONTAINED | readonly []): Checked<VerifiedToken> =>
    readTokenClaims(claims, { issuer: name, audience, now: clock.now(), leewaySeconds, required })

  async function verified(token: string): Promise<Checked<VerifiedToken>> {
    const signed = await verifySignedToken(token, { algorithms, keyFor: issuer.keyFor })
    return signed.ok ? read(signed.value, SELF_CONTAINED) : signed
  }

  async function introspected(token: string): Promise<Checked<VerifiedToken>> {
    if (issuer.introspector === undefined) return refused('the token is not signed, and the issuer is not asked')
    const answer = await issuer.introspector.introspect(token)
    if (answer === undefined) return refused('the issuer says that the token is not active')
    const { token_type: type } = answer
    if (type !== undefined && !(typeof type === 'string' && type.toLowerCase() === 'bearer'))
      return refused('the token is no bearer token')
    return read(answer, [])
  }

  return async (token) => {
    if (token.length > MAX_TOKEN_LENGTH) return refused('the token is too long')
    if (introspection?.mode === 'only' || !isCompactJws(token)) return introspected(token)
    const local = await verified(token)
    if (!local.ok || introspection?.mode !== 'always') return local
    const told = await introspected(token)
    // What the signature vouches for says more; the issuer says whether it still holds.
    return told.ok ? local : told
  }
}
