import type { EpochSeconds } from '@latchkey/core'
import { popFromHeap, pushToHeap } from './heap-of-seconds.ts'
import { NEXT_IN_SECOND, NONE, type Slots } from './slots.ts'

/** Slots in the order in which they expire, so that a sweep touches nothing but what has expired. */
export interface ExpiryChains {
  /** Notes a slot, which must not be noted yet. */
  add(slot: number, expiresAt: EpochSeconds): void
  /** Takes out one whose `expiresAt` has passed at `now`, of the earliest second; {@link NONE} when none has. */
  takeExpired(now: EpochSeconds): number
}

/** One chain of slots for each second in which something expires, and a heap of these seconds. */
export function createExpiryChains(slots: Slots): ExpiryChains {
  const firstOfSecond = new Map<EpochSeconds, number>()
  const seconds: EpochSeconds[] = []

  return {
    add(slot, expiresAt) {
      const next = firstOfSecond.get(expiresAt)
      if (next === undefined) pushToHeap(seconds, expiresAt)
      slots.setNumber(slot, NEXT_IN_SECOND, next ?? NONE)
      firstOfSecond.set(expiresAt, slot)
    },

    takeExpired(now) {
      const second = seconds[0]
      // The second itself still counts: it must have passed.
      if (second === undefined || !(second < now)) return NONE
      const slot = firstOfSecond.get(second) as number
      const next = slots.number(slot, NEXT_IN_SECOND)
      if (next !== NONE) firstOfSecond.set(second, next)
      else {
        firstOfSecond.delete(second)
        popFromHeap(seconds)
      }
      return slot
    },
  }
}
