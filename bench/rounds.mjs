import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { onCore } from './server-process.mjs'

const run = promisify(execFile)

/** One burst of load from the second core. */
async function burst(target, { connections, seconds }) {
  const plan = JSON.stringify({ ...target.request, connections, seconds, expected: '2xx' })
  const [command, args] = onCore(1, [new URL('load.mjs', import.meta.url).pathname, plan])
  const cpuBefore = target.server.cpuSeconds()
  const { stdout } = await run(command, args)
  const result = JSON.parse(stdout)
  return { ...result, cpuMicroseconds: ((target.server.cpuSeconds() - cpuBefore) / result.requests) * 1e6 }
}

/**
 * Loads each target in turn, round after round, so that whatever else the machine does falls on all of them. The first
 * target of each round changes. Ratios are taken within a round, and the median of them is told.
 */
export async function interleave(targets, { rounds, seconds, connections, reference }) {
  const results = new Map(targets.map(({ name }) => [name, []]))
  for (const target of targets) await burst(target, { connections, seconds: 2 })
  const started = Date.now()
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < targets.length; turn += 1) {
      const target = targets[(round + turn) % targets.length]
      results.get(target.name).push(await burst(target, { connections, seconds }))
    }
    const left = ((Date.now() - started) / (round + 1)) * (rounds - round - 1)
    process.stderr.write(
      `  ${connections} connections: round ${round + 1} of ${rounds}, about ${Math.ceil(left / 1000)} s left\n`,
    )
  }
  return targets.map(({ name }) => {
    const own = results.get(name)
    const base = results.get(reference)
    return {
      name,
      ratios: own.map(({ perSecond }, round) => perSecond / base[round].perSecond),
      cpuRatios: own.map(({ cpuMicroseconds }, round) => cpuMicroseconds / base[round].cpuMicroseconds),
      perSecond: median(own.map(({ perSecond }) => perSecond)),
      p50: median(own.map(({ p50 }) => p50)),
      p99: median(own.map(({ p99 }) => p99)),
      cpuMicroseconds: median(own.map(({ cpuMicroseconds }) => cpuMicroseconds)),
    }
  })
}

/** The middle one, or the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** A Markdown table of what {@link interleave} found. */
export function table(rows, reference = 'the constant route') {
  const spread = (values) =>
    `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`
  return [
    `| | requests, ratio to ${reference} | CPU per request, ratio | requests/s | p50 ms | p99 ms | CPU µs |`,
    '|---|---|---|---|---|---|---|',
    ...rows.map(
      ({ name, ratios, cpuRatios, perSecond, p50, p99, cpuMicroseconds }) =>
        `| ${name} | ${spread(ratios)} | ${spread(cpuRatios)} | ${Math.round(perSecond)} | ${p50} | ${p99} | ${Math.round(cpuMicroseconds)} |`,
    ),
  ].join('\n')
}
