import type { TrustedIssuerCredential } from '../domain/credential.ts'
import type { EpochSeconds } from '../domain/epoch-seconds.ts'
import type { JsonObject, JsonValue } from '../domain/json-value.ts'
import { matchesSubject } from '../domain/subject-pattern.ts'
import { faultInId, isTime } from '../jose/jwt-claims.ts'

/** What an assertion of a client's own is to say. */
export interface OwnAssertionExpectation {
  readonly clientId: string
  /** Each is good as a text, and where lists are taken as the one item of a list. */
  readonly audiences: readonly string[]
  readonly takesLists: boolean
  /** How far ahead `exp` may be, and how long ago `iat`, in seconds. */
  readonly longestLifetime: number
  readonly now: EpochSeconds
}

/** How far the clocks of a client and of a server may differ, in seconds. */
export const CLOCK_SKEW = 10

/**
 * Why the claims of an assertion that a client has signed itself will not do (RFC 7523 §3, draft-ietf-oauth-rfc7523bis-11);
 * `undefined` where they will. It repeats nothing of them.
 */
export function faultInOwnClaims(claims: JsonObject, expectation: OwnAssertionExpectation): string | undefined {
  const { clientId, longestLifetime, now } = expectation
  if (claims['iss'] !== clientId || claims['sub'] !== clientId) return 'its iss and sub are not the client'
  if (!isAudience(claims['aud'], expectation)) return 'its aud is not the issuer of this server'
  const { iat } = claims
  if (isTime(iat) && iat < now - longestLifetime - CLOCK_SKEW) return 'it was made too long ago'
  return faultInTimes(claims, longestLifetime, now) ?? faultInId(claims['jti'])
}

/** The same for the token of an issuer that a client is registered with. It may have been made for others as well. */
export function faultInIssuedClaims(
  claims: JsonObject,
  { issuer, subject, audience, maxLifetimeSeconds, singleUse }: TrustedIssuerCredential,
  now: EpochSeconds,
): string | undefined {
  const { iss, sub, aud, jti } = claims
  if (iss !== issuer) return 'its iss is not the registered issuer'
  if (typeof sub !== 'string' || !matchesSubject(subject, sub)) return 'its sub does not match the registered subject'
  if (!(Array.isArray(aud) ? aud : [aud]).includes(audience)) return 'its aud is not the registered audience'
  return faultInTimes(claims, maxLifetimeSeconds, now) ?? (singleUse ? faultInId(jti) : undefined)
}

/**
 * Draft-ietf-oauth-rfc7523bis-11 §4: the issuer, as a text. An assertion that is good for several servers could be taken to
 * the other by either of them.
 */
const isAudience = (aud: JsonValue | undefined, { audiences, takesLists }: OwnAssertionExpectation): boolean => {
  const [first, ...others] = takesLists && Array.isArray(aud) ? aud : [aud]
  return typeof first === 'string' && others.length === 0 && audiences.includes(first)
}

function faultInTimes({ exp, nbf, iat }: JsonObject, longest: number, now: EpochSeconds): string | undefined {
  if (!isTime(exp)) return 'its exp is no time'
  if (exp <= now - CLOCK_SKEW) return 'it has expired'
  if (exp > now + longest + CLOCK_SKEW) return 'its exp is too far ahead'
  for (const [name, time] of Object.entries({ nbf, iat })) {
    if (time === undefined) continue
    if (!isTime(time)) return `its ${name} is no time`
    if (time > now + CLOCK_SKEW) return `its ${name} is in the future`
  }
  return undefined
}
