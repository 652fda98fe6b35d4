/**
 * Runs the suites that are named, or all of them: `pnpm bench`, `pnpm bench token-endpoint --only latchkey,constant-route`.
 *
 * Everything is a ratio against a limit that was measured within the same seconds on the same machine. Traffic stays on
 * the loopback interface, and every suite is bounded in time.
 */
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'

const SUITES = {
  'token-endpoint': () => import('./suites/token-endpoint.mjs'),
  'refusal-timing': () => import('./suites/refusal-timing.mjs'),
  signing: () => import('./suites/signing.mjs'),
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
  },
})

const unknown = positionals.filter((name) => !(name in SUITES))
if (unknown.length > 0) {
  console.error(`no such suite: ${unknown.join(', ')}; there are ${Object.keys(SUITES).join(', ')}`)
  process.exit(2)
}

const names = positionals.length > 0 ? positionals : Object.keys(SUITES)
const options = {
  only: values.only?.split(','),
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
}

console.log(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`,
)
for (const name of names) {
  const { run } = await SUITES[name]()
  console.log(`\n## ${name}\n`)
  console.log(await run(options))
}
