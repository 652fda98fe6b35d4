/** Gives up what takes too long. */
export type Deadline = <T>(call: () => Promise<T>) => Promise<T>

interface Waiting {
  readonly until: number
  readonly giveUp: () => void
  settled: boolean
}

/** How often is looked for what is late, in milliseconds. One timer for all: a timer for each call would cost more than the call. */
const LOOK_EVERY_MS = 250

/**
 * Rejects what has not settled within `milliseconds`, a quarter of a second later at most. What it was goes on, and nobody
 * hears of its end.
 */
export function createDeadline(milliseconds: number): Deadline {
  let waiting: Waiting[] = []
  let timer: ReturnType<typeof setInterval> | undefined

  function look(): void {
    const now = performance.now()
    for (const entry of waiting) if (!entry.settled && entry.until <= now) entry.giveUp()
    waiting = waiting.filter(({ settled }) => !settled)
    if (waiting.length > 0) return
    clearInterval(timer)
    timer = undefined
  }

  return async (call) => {
    let entry: Waiting | undefined
    const late = new Promise<never>((_, reject) => {
      const giveUp = (): void => reject(new Error(`it took longer than ${milliseconds} ms`))
      entry = { until: performance.now() + milliseconds, giveUp, settled: false }
      waiting.push(entry)
    })
    timer ??= setInterval(look, LOOK_EVERY_MS)
    try {
      return await Promise.race([call(), late])
    } finally {
      if (entry) entry.settled = true
    }
  }
}
