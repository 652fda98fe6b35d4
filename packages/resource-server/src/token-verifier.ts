import { type BearerRefusal, type BearerVerdict, bearerRefusal, checkBearer, type TokenQuestion } from '@latchkey/core'
import { authorizationOf, type TokenTransports, transportFault } from './bearer-transport.ts'
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
  /** Whether a request may pass, or the answer of RFC 6750 that it gets. @throws as `verify` does. */
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
  const { audience, resourceMetadata, onEvent } = resolved
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

  async function verify({ token, scopes = [] }: TokenQuestion): Promise<TokenVerdict> {
    const recognised = await recognise(token)
    if (!recognised.ok) return refuse('invalid_token', recognised.reason)
    const accessToken = recognised.value
    const lacking = scopes.find((scope) => !accessToken.scopes.includes(scope))
    if (lacking !== undefined) return refuse('insufficient_scope', `the token lacks ${lacking}`)
    return { ok: true, accessToken }
  }

  return {
    verify,
    resourceMetadata,
    async verifyBearer(question) {
      const fault = transportFault(question)
      if (fault !== undefined) return malformed(fault)
      const { scopes = [] } = question
      const verdict = await checkBearer(
        { verifier: { verify }, ...challenge },
        { authorization: authorizationOf(question), scopes },
      )
      if (!verdict.ok && verdict.error === 'invalid_request') return malformed('the Authorization header is malformed')
      return verdict
    },
  }
}
