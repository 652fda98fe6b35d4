import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { median } from './rounds.mjs'

/** Lets so many callers do `operation` over and over, each waiting for its own, for as long as `during` takes. */
export async function loadWhile(operation, { callers, during }) {
  const started = performance.now()
  const times = []
  let done = false
  const caller = async () => {
    for (let before = performance.now(); !done; ) {
      await operation()
      const after = performance.now()
      times.push(after - before)
      before = after
      // As the I/O of a request would: what waits for none would let nothing else have its turn.
      await setImmediate()
    }
  }
  const finished = during().finally(() => {
    done = true
  })
  await Promise.all([finished, ...Array.from({ length: callers }, caller)])
  const elapsed = (performance.now() - started) / 1000
  times.sort((a, b) => a - b)
  return {
    count: times.length,
    perSecond: times.length / elapsed,
    p50: times[Math.floor(times.length / 2)],
    p99: times[Math.floor(times.length * 0.99)],
    slowest: times.at(-1),
    elapsed,
  }
}

/** The same for so many seconds. */
export const load = (operation, { callers, seconds }) =>
  loadWhile(operation, { callers, during: () => sleep(seconds * 1000) })

/**
 * Loads each target in turn, round after round, the first of each round another one, so that whatever else the machine
 * does falls on all of them. A target has a `name` and an `operation`, and may tell the CPU time that all it needs has taken.
 */
export async function interleaveWindows(targets, { rounds, seconds, callers }) {
  const results = new Map(targets.map(({ name }) => [name, []]))
  for (const { operation } of targets) await load(operation, { callers, seconds: Math.min(1, seconds) })
  for (let round = 0; round < rounds; round += 1)
    for (let turn = 0; turn < targets.length; turn += 1) {
      const { name, operation, cpuSeconds = () => Number.NaN } = targets[(round + turn) % targets.length]
      const before = cpuSeconds()
      const result = await load(operation, { callers, seconds })
      results.get(name).push({ ...result, cpuMicroseconds: ((cpuSeconds() - before) / result.count) * 1e6 })
    }
  return results
}

/** The ratios of one target to another, round by round. */
export const ratios = (results, name, reference, figure = 'perSecond') =>
  results.get(name).map((result, round) => result[figure] / results.get(reference)[round][figure])

/** The median of one figure. */
export const middle = (results, name, figure) => median(results.get(name).map((result) => result[figure]))

/** A median with its spread: `0.98 (0.95 to 1.01)`. */
export const spread = (values, digits = 2) =>
  `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)})`
