import type { Client } from '../domain/client.ts'
import type { ClientAuthMethodName } from '../domain/client-auth-methods.ts'
import { type Credential, isLive } from '../domain/credential.ts'
import type { EpochSeconds } from '../domain/epoch-seconds.ts'
import type { JsonObject, JsonValue } from '../domain/json-value.ts'
import { OAuthError } from '../errors.ts'
import { CLAIM_MARGIN, claimKeyOf } from '../jose/claim-key.ts'
import { decoyKeyOf } from '../jose/decoy-key.ts'
import { unverifiedClaimsOf } from '../jose/unverified-claims.ts'
import { type VerificationKey, verifyJws } from '../jose/verify-jws.ts'
import type { Form } from '../protocol/form.ts'
import { CLOCK_SKEW, faultInIssuedClaims, faultInOwnClaims } from './assertion-claims.ts'
import type { AssertionKeys, Candidate } from './assertion-keys.ts'
import type { ClientAuthMethod, PresentedCredentials, SingleUse, VerificationContext } from './client-auth-method.ts'

/** What {@link clientAssertion} takes. */
export interface ClientAssertionDeps {
  /** What is offered of it; nothing where nobody can keep that an assertion passes once, and then none passes. */
  readonly names: readonly ClientAuthMethodName[]
  readonly keys: AssertionKeys
  /** By which an assertion may be signed: for the reason that the operator reads, the keys see to it. */
  readonly algorithms: readonly string[]
  readonly issuer: string
  /** The addresses of the token endpoint, for clients that still name it. */
  readonly tokenEndpoints: readonly string[]
  /** How far ahead `exp` of a client's own assertion may be, in seconds. */
  readonly longestLifetime: number
  /** Takes no assertion whose audience is anything but the issuer, whatever the client is registered for. */
  readonly issuerAlone: boolean
  /** Takes none but those that clients have signed themselves, whatever the client is registered with. */
  readonly ownAlone: boolean
}

/** RFC 7523 §2.2. */
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const LONGEST_ASSERTION = 16 * 1024

/**
 * A JWT that tells who the client is (RFC 7523 §2.2): one that it has signed itself, with a key or with its secret, or the
 * token of an issuer that it is registered with. What claims to be the client's own has `iss` and `sub` alike; any other
 * needs `client_id` in the form.
 */
export const clientAssertion = (deps: ClientAssertionDeps): ClientAuthMethod => ({
  names: deps.names,
  extract({ form }) {
    const assertion = assertionIn(form)
    if (assertion === undefined) return undefined
    if (deps.names.length === 0 || assertion.length > LONGEST_ASSERTION) return []
    const claims = unverifiedClaimsOf(assertion)
    if (claims === undefined) return []
    const { iss, sub } = claims
    const clientId = iss === sub ? iss : form.get('client_id')
    if (typeof clientId !== 'string' || typeof iss !== 'string') return []
    return [present(assertion, clientId, iss === sub ? undefined : iss, deps)]
  },
})

/**
 * RFC 7521 §4.2: an assertion comes with its type.
 *
 * @throws OAuthError `invalid_request` for half of the pair, or another type.
 */
function assertionIn(form: Form): string | undefined {
  const assertion = form.get('client_assertion')
  const type = form.get('client_assertion_type')
  if (assertion === undefined && type === undefined) return undefined
  if (assertion === undefined || type === undefined)
    throw new OAuthError('invalid_request', 'client_assertion and client_assertion_type belong together')
  if (type !== ASSERTION_TYPE) throw new OAuthError('invalid_request', 'this client_assertion_type is not supported')
  return assertion
}

/** One assertion, whose signature is verified whoever the client is, so that time does not tell whether there is one. */
function present(
  assertion: string,
  clientId: string,
  issuer: string | undefined,
  deps: ClientAssertionDeps,
): PresentedCredentials {
  const isForeign = issuer !== undefined && deps.ownAlone
  let reason: string | undefined
  let use: SingleUse | undefined

  async function verify({ client, now }: VerificationContext): Promise<Credential | undefined> {
    let signedBy: Candidate | undefined
    let hasCandidates = false
    let noKey = NO_KEY
    let away: OAuthError | undefined
    let isKnown = true
    const verdict = await verifyJws(assertion, {
      typ: issuer === undefined ? isAssertionType : isIssuedType,
      longest: LONGEST_ASSERTION,
      async keyOf(kid, { alg }) {
        if (typeof alg !== 'string') return undefined
        isKnown = deps.algorithms.includes(alg)
        if (client === undefined || isForeign) return decoyKeyOf(alg)
        const found = await deps.keys.candidatesFor(client, { alg, kid }, issuer, now)
        const { candidates } = found
        hasCandidates = candidates.length > 0
        noKey = found.fault ?? NO_KEY
        away = found.away
        return hasCandidates ? anyOf(alg, candidates, (candidate) => (signedBy = candidate)) : decoyKeyOf(alg)
      },
    })
    if (client === undefined) return undefined
    const isSigned = verdict.ok && signedBy !== undefined && isLive(signedBy.credential, now)
    if (!isSigned && away !== undefined) throw away
    if (isForeign) reason = FOREIGN
    else if (!isKnown) reason = UNKNOWN
    else if (!verdict.ok) reason = hasCandidates || verdict.reason !== BAD_SIGNATURE ? verdict.reason : noKey
    else reason = signedBy && faultInClaims(verdict.payload, client, signedBy.credential, now, deps)
    if (!verdict.ok || reason !== undefined || signedBy === undefined) return undefined
    use = singleUseOf(client, signedBy.credential, verdict.payload)
    return signedBy.credential
  }

  return { clientId, verify, fault: () => reason && `the assertion was refused: ${reason}`, singleUse: () => use }
}

const BAD_SIGNATURE = 'its signature is not good'
const NO_KEY = 'the client has no key of that alg and kid'
const UNKNOWN = 'its alg is none that this server takes'
const FOREIGN = 'it is of another issuer, and this server takes those alone that clients have signed themselves'

/** Tries one key after the other, as long as the algorithm is the same: there are a few at most. */
const anyOf = (
  alg: string,
  candidates: readonly Candidate[],
  found: (candidate: Candidate) => void,
): VerificationKey => ({
  alg,
  async verify(data, signature) {
    for (const candidate of candidates) {
      if (!(await candidate.key.verify(data, signature))) continue
      found(candidate)
      return true
    }
    return false
  },
})

function faultInClaims(
  claims: JsonObject,
  { id: clientId, legacyAssertionAudience = false }: Client,
  credential: Credential,
  now: EpochSeconds,
  { issuer, tokenEndpoints, issuerAlone, longestLifetime }: ClientAssertionDeps,
): string | undefined {
  if (credential.kind === 'trusted_issuer') return faultInIssuedClaims(claims, credential, now)
  const takesOthers = legacyAssertionAudience && !issuerAlone
  const audiences = takesOthers ? [issuer, ...tokenEndpoints] : [issuer]
  return faultInOwnClaims(claims, { clientId, audiences, takesLists: takesOthers, longestLifetime, now })
}

/** An issued token may be shown again and again, unless the client is registered otherwise. */
function singleUseOf({ id }: Client, credential: Credential, { iss, jti, exp }: JsonObject): SingleUse | undefined {
  if (credential.kind === 'trusted_issuer' && !credential.singleUse) return undefined
  return {
    key: claimKeyOf('assertion', [id, iss as string, jti as string]),
    expiresAt: Math.ceil(exp as number) + CLOCK_SKEW + CLAIM_MARGIN,
  }
}

/** A JWT that was made for something else is no assertion, whoever has signed it (RFC 8725 §3.11, rfc7523bis-11 §4). */
const isAssertionType = (typ: JsonValue | undefined): boolean =>
  typ === undefined || (typeof typ === 'string' && /^(?:application\/)?(?:jwt|client-authentication\+jwt)$/i.test(typ))

/** Issuers of workloads write no type, `JWT`, or as SPIFFE has it `JOSE` (JWT-SVID §2.3). */
const isIssuedType = (typ: JsonValue | undefined): boolean => isAssertionType(typ) || typ === 'JOSE'
