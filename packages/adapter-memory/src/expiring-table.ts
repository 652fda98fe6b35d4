import type { Clock, EpochSeconds } from '@latchkey/core'
import { createBuckets } from './buckets.ts'
import { createExpiryChains } from './expiry-chains.ts'
import { createSlots, EXPIRES_AT, ISSUED_AT, NEXT_IN_BUCKET, NONE, VALUE } from './slots.ts'

/** How many entries one step of a sweep may touch: a fraction of a millisecond of work. */
const STEP = 256

/** What {@link createExpiringTable} needs. */
export interface ExpiringTableDeps {
  /** What the entries are, for the message that says that they are too many. */
  readonly what: string
  /** How many there may be at once. */
  readonly capacity: number
  readonly clock: Clock
  /** Told each value that is no longer there, once for each entry that had it. */
  readonly letGo: (value: number) => void
}

/**
 * A bounded table of what expires, outside of the garbage collector's heap: keys of 32 bytes, two times and a number of 32
 * bits for each, in 64 bytes. It forgets nothing before its time, and refuses instead. What it has taken of memory it
 * keeps, for what comes next.
 *
 * An entry is known by its slot, until something is forgotten.
 */
export interface ExpiringTable {
  readonly size: number
  /** The slot of the entry, expired or not; {@link NONE} when there is none. */
  find(key: Uint32Array): number
  valueOf(slot: number): number
  issuedAtOf(slot: number): EpochSeconds
  expiresAtOf(slot: number): EpochSeconds
  /**
   * Sees to it that there is room for one more; if need be, it forgets some of what has expired.
   *
   * @throws Error when it is full of what has not expired.
   */
  makeRoom(): void
  /** Adds an entry that is not there yet, where {@link makeRoom} has made room for it. */
  add(key: Uint32Array, value: number, issuedAt: EpochSeconds, expiresAt: EpochSeconds): void
  /** Puts another value in the place of one that is there, expiring no earlier. */
  replace(slot: number, value: number, expiresAt: EpochSeconds): void
  /** Forgets what has expired in steps, giving way to everything else between two. Returns how many it forgot. */
  sweep(now: EpochSeconds): Promise<number>
}

/** Makes a table in which nothing is. */
export function createExpiringTable({ what, capacity, clock, letGo }: ExpiringTableDeps): ExpiringTable {
  const slots = createSlots()
  const buckets = createBuckets(slots)
  const chains = createExpiryChains(slots)
  let size = 0
  /** A chain of slots that are taken by nothing. */
  let free = NONE

  function setFree(slot: number): void {
    slots.setNumber(slot, NEXT_IN_BUCKET, free)
    free = slot
  }

  function forget(slot: number): void {
    buckets.remove(slot)
    letGo(slots.number(slot, VALUE))
    setFree(slot)
    size--
  }

  /** Every entry is in one chain: one that was replaced meanwhile is noted anew where its turn comes. */
  const sweepStep = (now: EpochSeconds): { readonly forgotten: number; readonly more: boolean } => {
    let forgotten = 0
    for (let touched = 0; touched < STEP; touched++) {
      const slot = chains.takeExpired(now)
      if (slot === NONE) return { forgotten, more: false }
      const expiresAt = slots.time(slot, EXPIRES_AT)
      if (expiresAt < now) {
        forget(slot)
        forgotten++
      } else chains.add(slot, expiresAt)
    }
    return { forgotten, more: true }
  }

  return {
    get size() {
      return size
    },
    find: buckets.find,
    valueOf: (slot) => slots.number(slot, VALUE),
    issuedAtOf: (slot) => slots.time(slot, ISSUED_AT),
    expiresAtOf: (slot) => slots.time(slot, EXPIRES_AT),

    makeRoom() {
      while (size >= capacity && sweepStep(clock.now()).more);
      if (size >= capacity) throw new Error(`the memory is full: it holds ${capacity} ${what}, none of them expired`)
      if (free === NONE) setFree(buckets.open())
    },

    add(key, value, issuedAt, expiresAt) {
      const slot = free
      free = slots.number(slot, NEXT_IN_BUCKET)
      slots.setKey(slot, key)
      slots.setNumber(slot, VALUE, value)
      slots.setTime(slot, ISSUED_AT, issuedAt)
      slots.setTime(slot, EXPIRES_AT, expiresAt)
      buckets.add(slot)
      chains.add(slot, expiresAt)
      size++
    },

    replace(slot, value, expiresAt) {
      letGo(slots.number(slot, VALUE))
      slots.setNumber(slot, VALUE, value)
      slots.setTime(slot, EXPIRES_AT, expiresAt)
    },

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
