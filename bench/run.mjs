/**
 * Runs the suites that are named, or all that are on the page: `pnpm bench`, `pnpm bench token-endpoint --only latchkey,oidc-provider`.
 *
 * Everything is a ratio against something that was measured within the same seconds on the same machine. Traffic stays on
 * the loopback interface, and every suite is bounded in time. What a whole suite finds is kept in `docs/benchmarks/results/`,
 * from which the page and its charts are written; with `--only` nothing is kept.
 */
import { parseArgs } from 'node:util'
import { circumstances } from './machine.mjs'
import { removePlaces, stopBackends } from './places.mjs'
import { createProgress } from './progress.mjs'
import { markdownOf, writePage } from './report/page.mjs'
import { keepResult } from './report/results.mjs'
import { DECISIONS, SUITES } from './suites.mjs'

const KNOWN = { ...SUITES, ...DECISIONS }

const USAGE = `pnpm bench [suite …] [--only name,name] [--rounds 5] [--seconds 2] [--tokens 1000000] [--page]

  --only     measures only these servers, algorithms or storages of a suite, and keeps nothing
  --rounds   how often each is measured, in turn with the others
  --seconds  for how long each time
  --tokens   how many live tokens the storages hold
  --page     measures nothing, and writes the page from what was kept

${Object.entries(KNOWN)
  .map(([name, { title }]) => `  ${name.padEnd(20)}${title}${name in DECISIONS ? ' (only when it is named)' : ''}`)
  .join('\n')}`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    tokens: { type: 'string', default: '1000000' },
    page: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

/** A number of the command line. */
function number(name, least) {
  const value = Number(values[name])
  if (!(value >= least)) refuse(`--${name} must be a number, ${least} at least`)
  return value
}

function refuse(message) {
  console.error(`${message}\n\n${USAGE}`)
  process.exit(2)
}

if (values.help) {
  console.log(USAGE)
  process.exit(0)
}
const unknown = positionals.filter((name) => !Object.hasOwn(KNOWN, name))
if (unknown.length > 0) refuse(`no such suite: ${unknown.join(', ')}`)

const extent = { rounds: number('rounds', 1), seconds: number('seconds', 0.5), tokens: number('tokens', 1000) }
const only = values.only?.split(',')
const names = positionals.length > 0 ? positionals : Object.keys(SUITES)

process.once('SIGINT', () => void removePlaces().finally(() => process.exit(130)))

if (!values.page) await measure()
writePage()
// What a suite that failed has left open holds nobody up.
process.exit()

async function measure() {
  const plan = names.map((name) => ({ name, seconds: KNOWN[name].estimate(extent) }))
  const progress = createProgress(plan)
  const failed = []
  try {
    for (const [index, name] of names.entries()) {
      const measured = circumstances(extent)
      try {
        const { run } = await import(`./suites/${name}.mjs`)
        const found = await run({ ...extent, only, progress: progress.of(index) })
        progress.ended(index)
        console.log(`\n## ${KNOWN[name].title}\n\n${typeof found === 'string' ? found : markdownOf(found)}`)
        if (Object.hasOwn(SUITES, name) && only === undefined) keepResult(name, { measured, ...found })
      } catch (error) {
        // The others can be measured all the same, and this one again by its name.
        progress.ended(index)
        failed.push(name)
        console.error(`\n${name} failed:`, error)
      }
    }
  } finally {
    await stopBackends()
  }
  if (failed.length > 0) {
    console.error(`\nnot measured: ${failed.join(', ')}`)
    process.exitCode = 1
  }
}
