import type { Clock, EpochSeconds } from '@latchkey/core'
import { createExpiryIndex } from './expiry-index.ts'
import { createShardedMap } from './sharded-map.ts'

/** How many entries one step of a sweep may touch: a fraction of a millisecond of work. */
const STEP = 256

/** What {@link createExpiringEntries} needs. */
export interface ExpiringEntriesDeps<Value> {
  /** What the entries are, for the message that says that they are too many. */
  readonly what: string
  /** How many there may be at once. */
  readonly capacity: number
  readonly clock: Clock
  readonly expiryOf: (value: Value) => EpochSeconds
}

/** A bounded map of what expires. It forgets nothing before its time, and refuses instead. */
export interface ExpiringEntries<Value> {
  readonly size: number
  /** The entry, expired or not. */
  get(key: string): Value | undefined
  /**
   * Adds an entry that is not there yet. Where there is no room, it first forgets some of what has expired.
   *
   * @throws Error when it is full of what has not expired.
   */
  add(key: string, value: Value): void
  /** Puts another value in the place of one that is there, expiring no earlier. */
  replace(key: string, value: Value): void
  /** Forgets what has expired in steps, giving way to everything else between two. Returns how many it forgot. */
  sweep(now: EpochSeconds): Promise<number>
}

export function createExpiringEntries<Value>(deps: ExpiringEntriesDeps<Value>): ExpiringEntries<Value> {
  const { what, capacity, clock, expiryOf } = deps
  const entries = createShardedMap<Value>()
  const index = createExpiryIndex()

  /** Every entry is in the index once: one that was replaced meanwhile is noted anew where its turn comes. */
  const sweepStep = (now: EpochSeconds): { readonly forgotten: number; readonly more: boolean } => {
    const keys = index.takeExpired(now, STEP)
    let forgotten = 0
    for (const key of keys) {
      const expiresAt = expiryOf(entries.get(key) as Value)
      if (expiresAt < now) {
        entries.delete(key)
        forgotten++
      } else index.add(key, expiresAt)
    }
    return { forgotten, more: keys.length === STEP }
  }

  return {
    get size() {
      return entries.size
    },
    get: entries.get,
    add(key, value) {
      while (entries.size >= capacity && sweepStep(clock.now()).more);
      if (entries.size >= capacity)
        throw new Error(`the memory is full: it holds ${capacity} ${what}, none of them expired`)
      entries.set(key, value)
      index.add(key, expiryOf(value))
    },
    replace: entries.set,
    async sweep(now) {
      let forgotten = 0
      for (;;) {
        const step = sweepStep(now)
        forgotten += step.forgotten
        if (!step.more) return forgotten
        await giveWay()
      }
    },
  }
}

const giveWay = (): Promise<void> => new Promise((resume) => setImmediate(resume))
