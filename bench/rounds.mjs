import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { onCore } from './server-process.mjs'

const PROGRAM = new URL('load.mjs', import.meta.url).pathname

/** One burst of load from the second core. The CPU is that of the server while it was under load, for one request. */
async function burst({ server, request, amount }, { connections, seconds }) {
  const [command, args] = onCore(1, [PROGRAM])
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`the load ended with ${code}`)
  })
  // Whoever waits for a message hears of it.
  failed.catch(() => {})
  const message = async () => (await Promise.race([once(child, 'message'), failed]))[0]
  child.send({ ...request, connections, seconds, amount })
  await message()
  const cpuBefore = server.cpuSeconds()
  child.send('go')
  const result = await message()
  const cpuMicroseconds = ((server.cpuSeconds() - cpuBefore) / result.requests) * 1e6
  await failed.catch(() => {})
  return { ...result, cpuMicroseconds }
}

/** After which no program becomes faster any more. */
const WARM_UP_SECONDS = 2

/**
 * Loads each target in turn, round after round, so that whatever else the machine does falls on all of them. The first
 * target of each round changes. A target with an `amount` is sent as many requests, however long that takes.
 *
 * @returns what each round found of each target, by its name
 */
export async function interleave(targets, { rounds, seconds, connections, progress }) {
  const results = new Map(targets.map(({ name }) => [name, []]))
  for (const target of targets) await burst(target, { connections, seconds: WARM_UP_SECONDS })
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < targets.length; turn += 1) {
      const target = targets[(round + turn) % targets.length]
      progress(
        `round ${round + 1} of ${rounds}, ${connections} connections, ${target.name}`,
        (round + turn / targets.length) / rounds,
      )
      results.get(target.name).push(await burst(target, { connections, seconds }))
    }
  }
  return results
}

/** The middle one, or the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2
}
