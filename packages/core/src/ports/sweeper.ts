import type { EpochSeconds } from '../domain/epoch-seconds.ts'

/** Forgets what has expired. Nothing depends on it but the space that is used. */
export interface Sweeper {
  /**
   * Forgets what may be forgotten at `now`, and nothing else; what expired within the last day may wait for a later
   * call. Works in steps small enough to disturb nobody.
   *
   * @returns how many records it forgot.
   * @throws when the backend is away.
   */
  sweep(now: EpochSeconds): Promise<number>
}
