import { type EpochSeconds, type JsonObject, type JsonValue, parseScope, readConfirmationClaim } from '@latchkey/core'
import { type Checked, refused, type VerifiedToken } from './verified-token.ts'

/** What {@link readTokenClaims} asks of a token. */
export interface ClaimsExpectation {
  readonly issuer: string
  /** The names of this API: one of them must be in `aud`. */
  readonly audience: readonly string[]
  readonly now: EpochSeconds
  /** How far the clocks of issuer and API may differ, in seconds. */
  readonly leewaySeconds: number
  /** Claims that must be there beside `aud`, `exp`, `sub` and `client_id`. */
  readonly required: readonly ('iss' | 'iat' | 'jti')[]
}

/** What a signed token must say of itself (RFC 9068 §2.2). */
export const SELF_CONTAINED = ['iss', 'iat', 'jti'] as const

/**
 * Checks what a token says of itself, whether its signature vouches for it or the introspection endpoint: from whom it is,
 * for whom, and when it counts (RFC 9068 §4). Whether what it is bound to was proven is not judged here.
 */
export function readTokenClaims(claims: JsonObject, expectation: ClaimsExpectation): Checked<VerifiedToken> {
  const missing = expectation.required.find((name) => claims[name] === undefined)
  if (missing !== undefined) return refused(`${missing} is missing`)
  const { iss, sub, client_id: clientId, jti, cnf } = claims
  if (iss !== undefined && iss !== expectation.issuer) return refused('iss is another issuer')
  if (!isName(sub) || !isName(clientId)) return refused('sub or client_id is no text')
  if (jti !== undefined && !isName(jti)) return refused('jti is no text')
  // One that is not understood binds all the same: it is no reason to trust more.
  const confirmation = cnf === undefined ? undefined : readConfirmationClaim(cnf)
  if (cnf !== undefined && confirmation === undefined) return refused('the token is bound to what is not understood')
  const audience = audienceOf(claims['aud'])
  if (!audience?.some((name) => expectation.audience.includes(name))) return refused('aud is not this API')
  const fault = faultInTimes(claims, expectation)
  if (fault !== undefined) return refused(fault)
  const scopes = scopesOf(claims['scope'])
  if (scopes === undefined) return refused('scope is no list of scopes')

  const { exp, iat } = claims
  const value = {
    clientId,
    subject: sub,
    scopes,
    audience,
    expiresAt: exp as EpochSeconds,
    ...(iat !== undefined && { issuedAt: iat as EpochSeconds }),
    ...(jti !== undefined && { id: jti }),
    ...(confirmation !== undefined && { confirmation }),
    claims,
  }
  return { ok: true, value }
}

/** RFC 7519 §4.1.4 to §4.1.6. A time that is no number is no time at all. */
function faultInTimes({ exp, nbf, iat }: JsonObject, { now, leewaySeconds }: ClaimsExpectation): string | undefined {
  if (!isTime(exp)) return 'exp is no time'
  if (exp + leewaySeconds <= now) return 'the token has expired'
  if (nbf !== undefined && !isTime(nbf)) return 'nbf is no time'
  if (nbf !== undefined && nbf - leewaySeconds > now) return 'the token does not count yet'
  if (iat !== undefined && !isTime(iat)) return 'iat is no time'
  if (iat !== undefined && iat - leewaySeconds > now) return 'iat lies in the future'
  return undefined
}

const isName = (value: JsonValue | undefined): value is string => typeof value === 'string' && value !== ''

const isTime = (value: JsonValue | undefined): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0

/** A text or a list of texts (RFC 7519 §4.1.3). */
function audienceOf(aud: JsonValue | undefined): readonly string[] | undefined {
  if (typeof aud === 'string') return [aud]
  return Array.isArray(aud) && aud.every((name) => typeof name === 'string') ? aud : undefined
}

function scopesOf(scope: JsonValue | undefined): readonly string[] | undefined {
  if (scope === undefined || scope === '') return []
  if (typeof scope !== 'string') return undefined
  try {
    return parseScope(scope)
  } catch {
    return undefined
  }
}
