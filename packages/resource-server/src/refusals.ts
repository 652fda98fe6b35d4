import { type BearerRefusal, bearerRefusal, OAUTH_ERRORS } from '@latchkey/core'
import { dpopChallenge } from './dpop/dpop-authorization.ts'
import type { ResolvedOptions } from './options.ts'

/** By what a token was shown, or meant to be. */
export type Scheme = 'Bearer' | 'DPoP'

/** What the caller is told beside the error. */
export interface Told {
  /** Told where one of them is what the token lacks. */
  readonly scopes?: readonly string[] | undefined
  /** What the next proof must hold. */
  readonly nonce?: string | undefined
}

/** A refusal. The scheme that was used is told what is wrong, and every other that is taken here is offered (RFC 9449 §7.2). */
export type Refuse = (used: Scheme, error?: BearerRefusal['error'], told?: Told) => BearerRefusal

/** Words refusals as RFC 6750 §3 does, and as RFC 9449 §7.1 does where proofs are taken. */
export function createRefusals(options: ResolvedOptions): Refuse {
  const { audience, resourceMetadata, dpop, mutualTls, boundTokensOnly } = options
  const challenge = { realm: audience[0], resourceMetadata: resourceMetadata?.url }
  // Where every token must come with a proof the other scheme would be offered in vain.
  const offersBearer = dpop === undefined || mutualTls !== undefined || !boundTokensOnly

  return (used, error, { scopes = [], nonce } = {}) => {
    const scope = error === 'insufficient_scope' ? scopes.join(' ') : undefined
    const isBearer = used === 'Bearer' && offersBearer
    const challenges: string[] = []
    if (offersBearer) {
      const told = isBearer ? bearerRefusal(challenge, error, scope) : bearerRefusal(challenge)
      challenges.push(told.headers['www-authenticate'])
    }
    if (dpop !== undefined) {
      const told = isBearer ? {} : { error, scope, resource_metadata: challenge.resourceMetadata }
      challenges.push(dpopChallenge(told, dpop.algorithms))
    }
    return {
      ok: false,
      ...(error !== undefined && { error }),
      status: statusOf(error),
      headers: {
        'www-authenticate': (isBearer ? challenges : challenges.reverse()).join(', '),
        ...(nonce !== undefined && { 'dpop-nonce': nonce }),
      },
    }
  }
}

/** RFC 9449 §7.1 and §9: at an API a proof that is not good is 401, where it is 400 at the token endpoint. */
const statusOf = (error: BearerRefusal['error']): number =>
  error === undefined || error === 'invalid_dpop_proof' || error === 'use_dpop_nonce' ? 401 : OAUTH_ERRORS[error]
