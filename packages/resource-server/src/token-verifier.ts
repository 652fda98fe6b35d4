import {
  type BearerRefusal,
  type BearerVerdict,
  type Confirmation,
  checkBearer,
  type TokenQuestion,
} from '@latchkey/core'
import { authorizationOf, type TokenTransports, transportFault } from './bearer-transport.ts'
import type { Proofs } from './confirmed-token.ts'
import { isDpop, readDpop, verifyShownProof } from './dpop/dpop-authorization.ts'
import type { ResolvedDpop } from './dpop/dpop-options.ts'
import { readShownCertificate } from './mutual-tls/shown-certificate.ts'
import { resolveOptions, type TokenVerifierOptions } from './options.ts'
import { createRefusals } from './refusals.ts'
import type { ResourceMetadata } from './resource-metadata.ts'
import { createTokenRecogniser } from './token-recogniser.ts'
import { refused, type VerifiedToken } from './verified-token.ts'

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
  const { resourceMetadata, dpop, mutualTls, boundTokensOnly, clock, onEvent } = resolved
  const recognise = createTokenRecogniser(resolved)
  const refusal = createRefusals(resolved)

  /** Tells the operator why. */
  function heard<Error extends NonNullable<BearerRefusal['error']>>(error: Error, reason: string): Error {
    onEvent({ type: 'bearer_refused', error, reason })
    return error
  }

  async function active(token: string, proofs: Proofs): Promise<TokenVerdict> {
    const recognised = await recognise(token, proofs)
    if (!recognised.ok) return { ok: false, error: heard('invalid_token', recognised.reason) }
    if (boundTokensOnly && recognised.value.confirmation === undefined)
      return { ok: false, error: heard('invalid_token', 'the token is bound to nothing') }
    return { ok: true, accessToken: recognised.value }
  }

  function withScopes(verdict: TokenVerdict, scopes: readonly string[] = []): TokenVerdict {
    const lacking = verdict.ok && scopes.find((scope) => !verdict.accessToken.scopes.includes(scope))
    if (typeof lacking !== 'string') return verdict
    return { ok: false, error: heard('insufficient_scope', `the token lacks ${lacking}`) }
  }

  const proofsOf = (question: RequestQuestion, jkt?: string): Proofs => ({
    jkt,
    certificate: async () =>
      mutualTls === undefined
        ? refused('the token is bound to a certificate, and mutualTls is not set')
        : readShownCertificate(question, mutualTls),
  })

  async function verifyWithProof(
    question: RequestQuestion,
    authorization: string,
    settings: ResolvedDpop,
  ): Promise<BearerVerdict<Passed>> {
    const { scopes = [] } = question
    const token = readDpop(authorization)
    if (token === undefined) return refusal('DPoP', heard('invalid_request', MALFORMED))
    const proof = await verifyShownProof(question, token, clock.now(), settings)
    if (!proof.ok) return refusal('DPoP', heard('invalid_dpop_proof', proof.reason))
    const { jkt, nonceInstead: nonce, claim } = proof.value
    if (nonce !== undefined)
      return refusal('DPoP', heard('use_dpop_nonce', 'the DPoP proof holds no nonce of ours'), { nonce })
    const shown = await active(token, proofsOf(question, jkt))
    if (!shown.ok) return refusal('DPoP', shown.error)
    if (shown.accessToken.confirmation?.jkt === undefined)
      return refusal('DPoP', heard('invalid_token', 'the token is bound to no key'))
    // Only now: strangers cannot make it remember anything.
    if (!(await claim())) return refusal('DPoP', heard('invalid_dpop_proof', 'the DPoP proof was shown before'))
    const verdict = withScopes(shown, scopes)
    return verdict.ok ? verdict : refusal('DPoP', verdict.error, { scopes })
  }

  return {
    resourceMetadata,
    verify: async ({ token, scopes, proven }) => withScopes(await active(token, asProofs(proven)), scopes),
    async verifyBearer(question) {
      const { scopes = [] } = question
      const authorization = authorizationOf(question)
      const isProven = dpop !== undefined && authorization !== undefined && isDpop(authorization)
      const fault = transportFault(question)
      if (fault !== undefined) return refusal(isProven ? 'DPoP' : 'Bearer', heard('invalid_request', fault))
      if (isProven) return verifyWithProof(question, authorization, dpop)
      const verifier = {
        verify: async ({ token }: TokenQuestion) => withScopes(await active(token, proofsOf(question)), scopes),
      }
      const verdict = await checkBearer({ verifier, realm: '' }, { authorization, scopes })
      if (verdict.ok) return verdict
      if (verdict.error === 'invalid_request') heard('invalid_request', MALFORMED)
      return refusal('Bearer', verdict.error, { scopes })
    },
  }
}

const MALFORMED = 'the Authorization header is malformed'

/** What a program vouches for that has seen the proofs itself. */
const asProofs = ({ jkt, x5tS256 }: Confirmation = {}): Proofs => ({
  jkt,
  certificate: async () =>
    x5tS256 === undefined
      ? refused('the token is bound to a certificate, and was shown without one')
      : { ok: true, value: x5tS256 },
})
