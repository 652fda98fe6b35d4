import type { EpochSeconds } from '@latchkey/core'

/**
 * What is no whole second is neither before nor after another, and would be looked at for ever.
 *
 * @throws TypeError that names it.
 */
export function checkWholeSeconds(name: string, seconds: EpochSeconds): void {
  if (!Number.isSafeInteger(seconds)) throw new TypeError(`${name} must be a whole number`)
}
