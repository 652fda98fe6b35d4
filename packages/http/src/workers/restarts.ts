/** Who has served for so long did not fail to start. */
const STEADY_MS = 10_000
const FIRST_DELAY_MS = 200
/** Six deaths one after another, within some six seconds and what the starts take. */
const MOST_EARLY_DEATHS = 6

/** How often one worker has been replaced lately. */
export interface Restarts {
  /**
   * A worker has died.
   *
   * @param livedMs for how long it ran, in milliseconds.
   * @returns how long to wait before the next one is started, in milliseconds; `undefined` when there is no point in it.
   */
  afterDeath(livedMs: number): number | undefined
}

/** Replaces at once a worker that has served for a while, and one that dies early after a time that doubles, and not for ever. */
export function createRestarts(): Restarts {
  let early = 0
  return {
    afterDeath(livedMs) {
      if (livedMs >= STEADY_MS) {
        early = 0
        return 0
      }
      early += 1
      return early < MOST_EARLY_DEATHS ? FIRST_DELAY_MS * 2 ** (early - 1) : undefined
    },
  }
}
