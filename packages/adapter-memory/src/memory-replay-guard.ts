import type { Clock, EpochSeconds, ReplayGuard, Sweeper } from '@latchkey/core'
import { systemClock } from '@latchkey/core'
import { checkedCapacity, DEFAULT_CAPACITY } from './capacity.ts'
import { createExpiringEntries } from './expiring-entries.ts'

/** What {@link createMemoryReplayGuard} may be given. */
export interface MemoryReplayGuardOptions {
  /** How many claims it holds at most. 1 000 000 unless given. */
  readonly capacity?: number
  /** Tells what has expired where there is no room. The clock of the machine unless given. */
  readonly clock?: Clock
}

/**
 * Keeps claims in this process, until it ends. When it is full of what has not expired, `claim` throws: a claim that is
 * forgotten too early would let a replay through.
 *
 * It has no timer of its own: call `sweep` now and then, or let it make room only when it is full.
 *
 * @throws TypeError when the capacity is no whole number above 0.
 */
export function createMemoryReplayGuard(options: MemoryReplayGuardOptions = {}): ReplayGuard & Sweeper {
  const { capacity = DEFAULT_CAPACITY, clock = systemClock } = options
  const claims = createExpiringEntries<EpochSeconds>({
    what: 'claims',
    capacity: checkedCapacity('capacity', capacity),
    clock,
    expiryOf: (expiresAt) => expiresAt,
  })

  return {
    async claim(key, expiresAt) {
      if (claims.get(key) !== undefined) return false
      claims.add(key, expiresAt)
      return true
    },
    sweep: claims.sweep,
  }
}
