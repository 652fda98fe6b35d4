import type { EpochSeconds } from '../domain/epoch-seconds.ts'

/** Tells the time. Tests and embedding programs bring their own. */
export interface Clock {
  /** The present second. Never throws. */
  now(): EpochSeconds
}

/** The clock of the machine. */
export const systemClock: Clock = { now: () => Math.floor(Date.now() / 1000) }
