import type { Clock, Sweeper } from '@latchkey/core'

/** What {@link createSelfSweep} takes. */
export interface SelfSweepDeps {
  readonly sweeper: Sweeper
  readonly clock: Clock
  /** How long after one sweep began the next one does, in seconds; 0 is never. */
  readonly intervalSeconds: number
}

/** Sweeps now and then, by a timer that keeps no process alive. */
export interface SelfSweep {
  /** Resolves once none is under way and none will be. */
  end(): Promise<void>
}

export function createSelfSweep({ sweeper, clock, intervalSeconds }: SelfSweepDeps): SelfSweep {
  let sweeping: Promise<unknown> | undefined
  const sweep = (): void => {
    // A sweep that fails is made up for by the next one; nothing but space depends on it.
    sweeping ??= sweeper
      .sweep(clock.now())
      .catch(() => undefined)
      .finally(() => {
        sweeping = undefined
      })
  }
  const timer = intervalSeconds > 0 ? setInterval(sweep, intervalSeconds * 1000).unref() : undefined
  return {
    async end() {
      clearInterval(timer)
      await sweeping
    },
  }
}
