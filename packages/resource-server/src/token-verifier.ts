import {
  type BearerRefusal,
  type BearerVerdict,
  bearerRefusal,
  type Confirmation,
  checkBearer,
  type TokenQuestion,
} from '@latchkey/core'
import { authorizationOf, type TokenTransports, transportFault } from './bearer-transport.ts'
import { dpopChallenge, isDpop, readDpop, verifyShownProof } from './dpop/dpop-authorization.ts'
import type { ResolvedDpop } from './dpop/dpop-options.ts'
import { resolveOptions, type TokenVerifierOptions } from './options.ts'
import type { ResourceMetadata } from './resource-metadata.ts'
import { createTokenRecogniser } from './token-recogniser.ts'
import type { VerifiedToken } from './verified-token.ts'

/** The token by which a request passed. */
export interface Passed {
  readonly accessToken: VerifiedToken
}

interface TokenRefusal {
  readonly ok: false
  readonly error: 'invalid_token' | 'insufficient_scope'
}

/** What an API learns of a token. */
export type TokenVerdict = ({ readonly ok: true } & Passed) | TokenRefusal

/** What an API asks of a request. */
export interface RequestQuestion extends TokenTransports {
  /** All of them must have been granted; none by default. */
  readonly scopes?: readonly string[] | undefined
}

/** Verifies the access tokens of one issuer for one API. */
export interface TokenVerifier {
  /**
   * Whether a token is active, is meant for this API and has the scopes.
   *
   * @throws OAuthError `temporarily_unavailable` when nobody knows: answer 503.
   */
  verify(question: TokenQuestion): Promise<TokenVerdict>
  /** Whether a request may pass, or the answer of RFC 6750, or of RFC 9449 §7.1, that it gets. @throws as `verify` does. */
  verifyBearer(question: RequestQuestion): Promise<BearerVerdict<Passed>>
  /** What the API publishes of itself, where it was asked to. */
  readonly resourceMetadata: ResourceMetadata | undefined
}

/**
 * Makes a verifier. Nothing is fetched before the first token comes, so that an API starts while its issuer is away.
 *
 * @throws TypeError that names the option which is wrong.
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const resolved = resolveOptions(options)
  const { audience, resourceMetadata, dpop, clock, onEvent } = resolved
  const recognise = createTokenRecogniser(resolved)
  const challenge = { realm: audience[0], resourceMetadata: resourceMetadata?.url }

  function refuse(error: TokenRefusal['error'], reason: string): TokenRefusal {
    onEvent({ type: 'bearer_refused', error, reason })
    return { ok: false, error }
  }

  function malformed(reason: string): BearerRefusal {
    onEvent({ type: 'bearer_refused', error: 'invalid_request', reason })
    return bearerRefusal(challenge, 'invalid_request')
  }

  async function verify({ token, scopes = [], proven }: TokenQuestion): Promise<TokenVerdict> {
    const recognised = await recognise(token, proven)
    if (!recognised.ok) return refuse('invalid_token', recognised.reason)
    return withScopes(recognised.value, scopes)
  }

  function withScopes(accessToken: VerifiedToken, scopes: readonly string[]): TokenVerdict {
    const lacking = scopes.find((scope) => !accessToken.scopes.includes(scope))
    if (lacking !== undefined) return refuse('insufficient_scope', `the token lacks ${lacking}`)
    return { ok: true, accessToken }
  }

  /** A refusal of a token that came with a proof, or should have: the scheme that was used is told what is wrong (RFC 9449 §7.1). */
  function refuseProof(error: NonNullable<BearerRefusal['error']>, scopes: readonly string[] = []): BearerRefusal {
    const scope = error === 'insufficient_scope' ? scopes.join(' ') : undefined
    const resource_metadata = resourceMetadata?.url
    const bearer = bearerRefusal(challenge).headers['www-authenticate']
    const told = `${dpopChallenge({ error, scope, resource_metadata })}, ${bearer}`
    const status = error === 'invalid_request' ? 400 : error === 'insufficient_scope' ? 403 : 401
    return { ok: false, error, status, headers: { 'www-authenticate': told } }
  }

  function badProof(reason: string): BearerRefusal {
    onEvent({ type: 'bearer_refused', error: 'invalid_dpop_proof', reason })
    return refuseProof('invalid_dpop_proof')
  }

  /** Whatever is refused is told of both schemes (RFC 9449 §7.2). */
  function alsoByProof<Verdict extends BearerVerdict<Passed>>(verdict: Verdict): Verdict | BearerRefusal {
    if (verdict.ok || dpop === undefined) return verdict
    const told = verdict.headers['www-authenticate']
    return { ...verdict, headers: { 'www-authenticate': `${told}, ${dpopChallenge({})}` } }
  }

  async function verifyBound(
    question: RequestQuestion,
    authorization: string,
    settings: ResolvedDpop,
  ): Promise<BearerVerdict<Passed>> {
    const { scopes = [] } = question
    const token = readDpop(authorization)
    if (token === undefined) {
      onEvent({ type: 'bearer_refused', error: 'invalid_request', reason: 'the Authorization header is malformed' })
      return refuseProof('invalid_request')
    }
    const proof = await verifyShownProof(question, token, clock.now(), settings)
    if (!proof.ok) return badProof(proof.reason)
    const proven: Confirmation = { jkt: proof.value.jkt }
    const recognised = await recognise(token, proven)
    if (!recognised.ok || recognised.value.confirmation?.jkt === undefined) {
      refuse('invalid_token', recognised.ok ? 'the token is bound to no key' : recognised.reason)
      return refuseProof('invalid_token')
    }
    // Only now: strangers cannot make it remember anything.
    if (!(await proof.value.claim())) return badProof('the DPoP proof was shown before')
    const verdict = withScopes(recognised.value, scopes)
    return verdict.ok ? verdict : refuseProof(verdict.error, scopes)
  }

  return {
    verify,
    resourceMetadata,
    async verifyBearer(question) {
      const fault = transportFault(question)
      if (fault !== undefined) return alsoByProof(malformed(fault))
      const { scopes = [] } = question
      const authorization = authorizationOf(question)
      if (dpop !== undefined && authorization !== undefined && isDpop(authorization))
        return verifyBound(question, authorization, dpop)
      const verdict = await checkBearer({ verifier: { verify }, ...challenge }, { authorization, scopes })
      if (!verdict.ok && verdict.error === 'invalid_request')
        return alsoByProof(malformed('the Authorization header is malformed'))
      return alsoByProof(verdict)
    },
  }
}
