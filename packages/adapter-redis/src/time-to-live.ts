import type { Clock, EpochSeconds } from '@latchkey/core'

/** Nodes whose clocks differ by less than this do not forget what another one still counts on, in seconds. */
const CLOCK_SKEW_SECONDS = 60

/** As far ahead as whole numbers are exact, in milliseconds: some 285 000 years. */
const LONGEST = Number.MAX_SAFE_INTEGER

/**
 * For how long Redis keeps what expires then, in milliseconds: a duration, so that the clock of Redis need not be right. At
 * least a second, since Redis refuses what is over at once.
 */
export function timeToLive(expiresAt: EpochSeconds, clock: Clock): number {
  // The second itself still counts: it must have passed.
  const seconds = expiresAt + 1 + CLOCK_SKEW_SECONDS - clock.now()
  return Math.min(Math.max(1, Math.ceil(seconds)) * 1000, LONGEST)
}
