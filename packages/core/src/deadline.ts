/** Gives up what takes too long. */
export type Deadline = <T>(call: () => Promise<T>) => Promise<T>

/** A call under way, in a ring in the order of their beginning: all have the same time, so the first to begin is the first to be late. */
interface Waiting {
  readonly until: number
  readonly giveUp: () => void
  before: Waiting
  after: Waiting
}

/** How often is looked for what is late, in milliseconds. One timer for all: a timer for each call would cost more than the call. */
const LOOK_EVERY_MS = 250

/**
 * Rejects what has not settled within `milliseconds`, a quarter of a second later at most. What it was goes on, and nobody
 * hears of its end.
 *
 * A call that has settled leaves at once: what it held would otherwise outlive it by a look, and under load the collector
 * would carry about what nobody needs.
 */
export function createDeadline(milliseconds: number): Deadline {
  const ring = emptyRing()
  let timer: ReturnType<typeof setInterval> | undefined

  function look(): void {
    const now = performance.now()
    while (ring.after !== ring && ring.after.until <= now) {
      const late = ring.after
      leave(late)
      late.giveUp()
    }
    if (ring.after !== ring) return
    clearInterval(timer)
    timer = undefined
  }

  return <T>(call: () => Promise<T>) =>
    new Promise<T>((resolve, reject) => {
      const giveUp = (): void => reject(new Error(`it took longer than ${milliseconds} ms`))
      const waiting: Waiting = { until: performance.now() + milliseconds, giveUp, before: ring.before, after: ring }
      ring.before.after = waiting
      ring.before = waiting
      timer ??= setInterval(look, LOOK_EVERY_MS)
      const settle =
        <Outcome>(tell: (outcome: Outcome) => void) =>
        (outcome: Outcome): void => {
          leave(waiting)
          tell(outcome)
        }
      try {
        call().then(settle(resolve), settle(reject))
      } catch (thrown) {
        settle(reject)(thrown)
      }
    })
}

/** A place that gives up nothing and belongs to no call: where the ring begins and ends. */
function emptyRing(): Waiting {
  const ring = { until: Number.POSITIVE_INFINITY, giveUp: () => undefined } as Partial<Waiting> as Waiting
  ring.before = ring
  ring.after = ring
  return ring
}

/** Leaving twice changes nothing. */
function leave(waiting: Waiting): void {
  waiting.before.after = waiting.after
  waiting.after.before = waiting.before
  waiting.before = waiting
  waiting.after = waiting
}
