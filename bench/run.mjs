/**
 * Runs the suites that are named, or all of them but the longest: `pnpm bench`, `pnpm bench token-endpoint --only latchkey,constant-route`.
 *
 * Everything is a ratio against a limit that was measured within the same seconds on the same machine. Traffic stays on
 * the loopback interface, and every suite is bounded in time.
 */
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'

const SUITES = {
  'token-endpoint': () => import('./suites/token-endpoint.mjs'),
  'signed-tokens': () => import('./suites/signed-tokens.mjs'),
  'signed-requests': () => import('./suites/signed-requests.mjs'),
  verify: () => import('./suites/verify.mjs'),
  'refusal-timing': () => import('./suites/refusal-timing.mjs'),
  signing: () => import('./suites/signing.mjs'),
  storage: () => import('./suites/storage.mjs'),
  workers: () => import('./suites/workers.mjs'),
}

/** The measurements behind decisions: they take long, or gigabytes of disk, so that they run only when they are named. */
const ON_REQUEST = {
  'storage-batching': () => import('./suites/storage-batching.mjs'),
  'storage-forgetting': () => import('./suites/storage-forgetting.mjs'),
}
const KNOWN = { ...SUITES, ...ON_REQUEST }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    tokens: { type: 'string', default: '10000000' },
  },
})

const unknown = positionals.filter((name) => !(name in KNOWN))
if (unknown.length > 0) {
  console.error(`no such suite: ${unknown.join(', ')}; there are ${Object.keys(KNOWN).join(', ')}`)
  process.exit(2)
}

const names = positionals.length > 0 ? positionals : Object.keys(SUITES)
const options = {
  only: values.only?.split(','),
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  tokens: Number(values.tokens),
}

console.log(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`,
)
for (const name of names) {
  const { run } = await KNOWN[name]()
  console.log(`\n## ${name}\n`)
  console.log(await run(options))
}
