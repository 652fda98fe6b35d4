import type { Client } from '../domain/client.ts'
import type { Confirmation } from '../domain/confirmation.ts'
import type { SigningAlgorithm } from '../domain/signing-key.ts'
import { OAuthError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { ReplayGuard } from '../ports/replay-guard.ts'
import type { DpopNonces } from './dpop-nonces.ts'
import { verifyDpopProof } from './dpop-proof.ts'

/** What came of the proof of a token request. */
export interface ProvenKey {
  /** What the token is to be bound to. */
  readonly confirmation: Confirmation
  /** Uses the proof up. @throws OAuthError `invalid_dpop_proof` for one that was, `temporarily_unavailable` */
  claim(): Promise<void>
}

/** Judges the proofs of token requests. */
export interface DpopCheck {
  /**
   * @param proof the value of the `DPoP` field.
   * @returns `undefined` where proofs are not looked at.
   * @throws OAuthError `invalid_dpop_proof`, `use_dpop_nonce`
   */
  judge(proof: string, client: Client): Promise<ProvenKey | undefined>
}

/** What {@link createDpopCheck} takes. */
export interface DpopCheckDeps {
  /** The addresses of the token endpoint as it is seen from outside (RFC 8705 §5 allows another for certificates). */
  readonly addresses: readonly string[]
  readonly algorithms: readonly SigningAlgorithm[]
  readonly nonces: DpopNonces
  /** Whether every proof must hold a nonce. */
  readonly requireNonce: boolean
  readonly replays: ReplayGuard
  readonly clock: Clock
}

/** Judges proofs, nonce included, and uses none up: what is refused because of a nonce may be asked for again (RFC 9449 §8). */
export function createDpopCheck(deps: DpopCheckDeps): DpopCheck {
  const { addresses, algorithms, nonces, requireNonce, replays, clock } = deps

  return {
    async judge(proof, client) {
      const now = clock.now()
      const verdict = await verifyDpopProof(proof, { method: 'POST', address: addresses, algorithms, now })
      if (!verdict.ok) throw invalidProof(verdict.reason)
      const { jkt, nonce, claimKey, claimUntil } = verdict
      const mustHaveNonce = requireNonce || client.dpopNonceRequired === true
      // A nonce of somebody else is no reason to refuse a client for good: it may ask again with one of ours.
      if (nonce === undefined ? mustHaveNonce : !nonces.isOurs(nonce, now))
        throw new OAuthError('use_dpop_nonce', 'the DPoP proof must hold the nonce of the DPoP-Nonce header', {
          reason:
            nonce === undefined ? 'the proof has no nonce' : 'the nonce of the proof is none of ours, or an old one',
          dpopNonce: nonces.current(now),
        })
      return {
        confirmation: { jkt },
        async claim() {
          if (!(await replays.claim(claimKey, claimUntil))) throw invalidProof('it was shown before')
        },
      }
    },
  }
}

/** Where no claim can be kept no proof can be judged: proofs are not looked at, and bound tokens are not to be had. */
export const noDpop: DpopCheck = {
  judge: async (_proof, client) => withoutProof(client),
}

/**
 * What comes of a request without a proof: nothing, unless the client gets bound tokens alone (RFC 9449 §5.2).
 *
 * @throws OAuthError `invalid_request` where it does.
 */
export function withoutProof({ dpopBoundAccessTokens }: Client): undefined {
  if (dpopBoundAccessTokens === true)
    throw new OAuthError('invalid_request', 'a DPoP proof is missing', {
      reason: 'the client gets tokens that are bound to a key, and no other',
    })
}

/**
 * The one value of the `DPoP` field.
 *
 * @throws OAuthError `invalid_dpop_proof` where there are several (RFC 9449 §4.3): no proof has a comma in it.
 */
export function onlyProof(dpop: string | readonly string[] | undefined): string | undefined {
  if (dpop === undefined || typeof dpop === 'string') return dpop?.includes(',') ? severalProofs() : dpop
  return dpop.length > 1 ? severalProofs() : onlyProof(dpop[0])
}

function severalProofs(): never {
  throw new OAuthError('invalid_dpop_proof', 'more than one DPoP proof was sent')
}

const invalidProof = (reason: string): OAuthError =>
  new OAuthError('invalid_dpop_proof', 'the DPoP proof is not valid', {
    reason: `the DPoP proof was refused: ${reason}`,
  })
