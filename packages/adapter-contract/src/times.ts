import type { EpochSeconds } from '@latchkey/core'

const DAY = 86_400

/** When the contract sweeps, 2100-01-01: so far ahead that no backend's own clock forgets anything of it before. */
export const SWEEP_TIME: EpochSeconds = 4_102_444_800

/** Expired for so long at {@link SWEEP_TIME} that a sweep must forget it. */
export const LONG_EXPIRED: EpochSeconds = SWEEP_TIME - 2 * DAY

/** Outlives every sweep of the contract: 2200-01-01. */
export const LIVE: EpochSeconds = 7_258_118_400
