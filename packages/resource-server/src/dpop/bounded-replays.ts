import type { Clock, EpochSeconds, ReplayGuard } from '@latchkey/core'

/** As many proofs as a busy API sees in the six minutes for which one is remembered. */
const MOST_CLAIMS = 200_000

/**
 * Remembers proofs in this process. When it is full of what still counts it throws: one that is forgotten too early would let
 * a replay through.
 */
export function createBoundedReplays(clock: Clock, most: number = MOST_CLAIMS): ReplayGuard {
  const claims = new Map<string, EpochSeconds>()
  let forgotAt: EpochSeconds | undefined

  function forgetExpired(): void {
    const now = clock.now()
    // Nothing has expired since: whoever keeps it full must not make each request pay for a look at all of it.
    if (forgotAt === now) return
    forgotAt = now
    for (const [key, expiresAt] of claims) if (expiresAt < now) claims.delete(key)
  }

  return {
    async claim(key, expiresAt) {
      if (claims.has(key)) return false
      if (claims.size >= most) forgetExpired()
      if (claims.size >= most) throw new RangeError(`${most} proofs are remembered already`)
      claims.set(key, expiresAt)
      return true
    },
  }
}
