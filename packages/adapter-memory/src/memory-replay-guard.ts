import type { Clock, ReplayGuard, Sweeper } from '@latchkey/core'
import { systemClock } from '@latchkey/core'
import { checkedCapacity, DEFAULT_CAPACITY } from './capacity.ts'
import { createDigest } from './digest.ts'
import { DIGEST_WORDS, readDigest } from './digest-words.ts'
import { createExpiringTable } from './expiring-table.ts'
import { NONE } from './slots.ts'
import { checkWholeSeconds } from './whole-seconds.ts'

/** What {@link createMemoryReplayGuard} may be given. */
export interface MemoryReplayGuardOptions {
  /** How many claims it holds at most. 1 000 000 unless given. */
  readonly capacity?: number
  /** Tells what has expired where there is no room. The clock of the machine unless given. */
  readonly clock?: Clock
}

/** That it is there is all that there is to say of a claim. */
const CLAIMED = 0

/**
 * Keeps claims in this process, until it ends. When it is full of what has not expired, `claim` throws: a claim that is
 * forgotten too early would let a replay through. It throws a TypeError for an expiry that is no whole second.
 *
 * It has no timer of its own: call `sweep` now and then, or let it make room only when it is full. Memory in which claims
 * have been is kept for others.
 *
 * @throws TypeError when the capacity is no whole number above 0.
 */
export function createMemoryReplayGuard(options: MemoryReplayGuardOptions = {}): ReplayGuard & Sweeper {
  const { capacity = DEFAULT_CAPACITY, clock = systemClock } = options
  const claims = createExpiringTable({
    what: 'claims',
    capacity: checkedCapacity('capacity', capacity),
    clock,
    letGo: () => {},
  })
  const digestOf = createDigest()
  const words = new Uint32Array(DIGEST_WORDS)

  return {
    async claim(key, expiresAt) {
      checkWholeSeconds('expiresAt', expiresAt)
      readDigest(digestOf(key), words)
      if (claims.find(words) !== NONE) return false
      claims.makeRoom()
      claims.add(words, CLAIMED, expiresAt, expiresAt)
      return true
    },
    sweep: claims.sweep,
  }
}
