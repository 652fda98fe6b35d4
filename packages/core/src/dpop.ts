import type { ReplayGuard } from './ports/replay-guard.ts'
import { createDpopNonces, type DpopNonces } from './proof-of-possession/dpop-nonces.ts'

/** How proofs are judged (RFC 9449). */
export interface DpopOptions {
  /** Whether every proof must hold a nonce of this server, whatever the client is registered for. False by default. */
  readonly requireNonce?: boolean | undefined
  /** What nonces are made with: 32 bytes in base64url, the same on every node. Without it they count on this node alone. */
  readonly nonceSecret?: string | undefined
  /** The secret of before, while nonces that were made with it still count: ten minutes. */
  readonly previousNonceSecret?: string | undefined
}

/** What judges proofs, where proofs are judged. */
export interface ResolvedDpop {
  readonly requireNonce: boolean
  readonly nonces: DpopNonces
}

interface DpopAndReplays {
  readonly replays?: ReplayGuard | undefined
  readonly dpop?: DpopOptions | undefined
}

/** @throws TypeError that names the option. */
export function dpopOf({ replays, dpop }: DpopAndReplays): ResolvedDpop | undefined {
  if (replays === undefined && dpop !== undefined) throw new TypeError('dpop needs replays: a proof is good once')
  if (replays === undefined) return undefined
  const { requireNonce = false, nonceSecret: secret, previousNonceSecret: previous } = dpop ?? {}
  if (typeof requireNonce !== 'boolean') throw new TypeError('dpop.requireNonce must be true or false')
  if (previous !== undefined && secret === undefined)
    throw new TypeError(
      'dpop.previousNonceSecret needs dpop.nonceSecret: a new nonce is never made with the one of before',
    )
  return { requireNonce, nonces: createDpopNonces({ secret, previous }) }
}
