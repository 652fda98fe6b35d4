/**
 * Calls, and rejects when that takes too long. What came in time goes through `judge`, and whatever goes wrong, in the call
 * or in the judgement, through `failure`.
 */
export type Deadline = <Found, Answer = Found>(
  call: () => Promise<Found>,
  judge?: (found: Found) => Answer,
  failure?: (cause: unknown) => Error,
) => Promise<Answer>

/** A call under way, in a ring in the order of their beginning: all have the same time, so the first to begin is the first to be late. */
interface Waiting {
  /** The look at which it is late. */
  readonly until: number
  readonly judge: (found: unknown) => unknown
  readonly failure: (cause: unknown) => unknown
  readonly resolve: (answer: never) => void
  readonly reject: (reason: unknown) => void
  before: Waiting
  after: Waiting
}

/** How often is looked for what is late, in milliseconds. One timer for all: a timer for each call would cost more than the call. */
const LOOK_EVERY_MS = 250

const asItIs = (value: unknown): never => value as never

/**
 * Rejects what has not settled within `milliseconds`, a quarter of a second later at most. What it was goes on, and nobody
 * hears of its end.
 *
 * A call that has settled leaves at once: what it held would otherwise outlive it by a look, and under load the collector
 * would carry about what nobody needs. Looks are what time is counted in: reading the clock for each call would cost more.
 */
export function createDeadline(milliseconds: number): Deadline {
  const ring = emptyRing()
  // The first of them may come at once.
  const looksToWait = Math.ceil(milliseconds / LOOK_EVERY_MS) + 1
  let looks = 0
  let timer: ReturnType<typeof setInterval> | undefined

  function look(): void {
    looks += 1
    while (ring.after !== ring && ring.after.until <= looks) {
      fail(ring.after, new Error(`it took longer than ${milliseconds} ms`))
    }
    if (ring.after !== ring) return
    clearInterval(timer)
    timer = undefined
  }

  return (call, judge = asItIs, failure = asItIs) =>
    new Promise((resolve, reject) => {
      const before = ring.before
      const waiting = { until: looks + looksToWait, judge, failure, resolve, reject, before, after: ring } as Waiting
      before.after = waiting
      ring.before = waiting
      // What is waited for keeps the process alive, or nothing does.
      timer ??= setInterval(look, LOOK_EVERY_MS).unref()
      try {
        // A port that was written without types may answer with what is no promise.
        Promise.resolve(call()).then(
          (found) => settle(waiting, found),
          (cause: unknown) => fail(waiting, cause),
        )
      } catch (thrown) {
        fail(waiting, thrown)
      }
    })
}

function settle(waiting: Waiting, found: unknown): void {
  leave(waiting)
  try {
    waiting.resolve(waiting.judge(found) as never)
  } catch (broken) {
    fail(waiting, broken)
  }
}

function fail(waiting: Waiting, cause: unknown): void {
  leave(waiting)
  waiting.reject(waiting.failure(cause))
}

/** A place that belongs to no call and is never late: where the ring begins and ends. */
function emptyRing(): Waiting {
  const ring = { until: Number.POSITIVE_INFINITY } as Waiting
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
