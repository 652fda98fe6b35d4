import type { JsonObject } from '@latchkey/core'
import { confirmedBy, type Proofs } from './confirmed-token.ts'
import { isCompactJwe, isCompactJws, MAX_TOKEN_LENGTH, verifySignedToken } from './jwt/signed-token.ts'
import type { ResolvedOptions } from './options.ts'
import { createIssuer } from './remote/issuer.ts'
import { readTokenClaims, SELF_CONTAINED } from './token-claims.ts'
import { type Checked, refused, type VerifiedToken } from './verified-token.ts'

/**
 * Recognises active tokens. The one place that decides.
 *
 * @throws OAuthError `temporarily_unavailable` when nobody knows.
 */
export type TokenRecogniser = (token: string, proofs: Proofs) => Promise<Checked<VerifiedToken>>

/** Verifies what is signed with the issuer's keys, and asks the issuer about the rest, as far as the options say. */
export function createTokenRecogniser(options: ResolvedOptions): TokenRecogniser {
  const { issuer: name, audience, algorithms, decrypter, leewaySeconds, clock, introspection } = options
  const issuer = createIssuer(options)

  async function read(
    claims: JsonObject,
    required: typeof SELF_CONTAINED | readonly [],
    proofs: Proofs,
  ): Promise<Checked<VerifiedToken>> {
    const token = readTokenClaims(claims, { issuer: name, audience, now: clock.now(), leewaySeconds, required })
    return token.ok ? confirmedBy(token.value, proofs) : token
  }

  async function verified(token: string, proofs: Proofs): Promise<Checked<VerifiedToken>> {
    const signed = await verifySignedToken(token, { algorithms, keyFor: issuer.keyFor })
    return signed.ok ? read(signed.value, SELF_CONTAINED, proofs) : signed
  }

  async function listed(token: Checked<VerifiedToken>): Promise<Checked<VerifiedToken>> {
    if (!token.ok) return token
    const status = await issuer.statusLists.check(token.value.claims)
    return status.ok ? token : status
  }

  async function introspected(token: string, proofs: Proofs): Promise<Checked<VerifiedToken>> {
    if (issuer.introspector === undefined) return refused('the token is not signed, and the issuer is not asked')
    const answer = await issuer.introspector.introspect(token)
    if (answer === undefined) return refused('the issuer says that the token is not active')
    // One that is bound to a key says to which; what it is bound to is judged with everything else that it says.
    const known = answer['cnf'] === undefined ? ['bearer'] : ['bearer', 'dpop']
    const { token_type: type } = answer
    if (type !== undefined && !(typeof type === 'string' && known.includes(type.toLowerCase())))
      return refused('the token is no bearer token')
    return read(answer, [], proofs)
  }

  /** What was encrypted to this API, or what need not be. */
  async function unsealed(token: string): Promise<Checked<string>> {
    if (decrypter === undefined) return { ok: true, value: token }
    // RFC 9068 §4: where tokens are encrypted, one that is not should be rejected.
    if (!isCompactJwe(token))
      return isCompactJws(token) ? refused('the token is not encrypted') : { ok: true, value: token }
    const value = await decrypter.decrypt(token)
    if (value === undefined) return refused('the token is not encrypted to a key of this API')
    return isCompactJws(value) ? { ok: true, value } : refused('what was encrypted is no signed token')
  }

  return async (received, proofs) => {
    if (received.length > MAX_TOKEN_LENGTH) return refused('the token is too long')
    const opened = await unsealed(received)
    if (!opened.ok) return opened
    const token = opened.value
    if (introspection?.mode === 'only' || !isCompactJws(token)) return introspected(token, proofs)
    const local = await verified(token, proofs)
    // Whoever asks about every token hears of a revocation sooner than a list tells of it.
    if (introspection?.mode !== 'always') return listed(local)
    if (!local.ok) return local
    const told = await introspected(token, proofs)
    // What the signature vouches for says more; the issuer says whether it still holds.
    return told.ok ? local : told
  }
}
