import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { figureOf, told } from '../figures.mjs'

const PROGRAM = new URL('../programs/heap-of-tokens.mjs', import.meta.url).pathname
const STORES = ['latchkey', 'a bare Map', '@jmondi/oauth2-server', 'oidc-provider']
const TOKENS = 100_000
/** More would tell no more: it is counted and not timed. */
const ROUNDS = 3

/** The memory of a hundred thousand live opaque tokens, each store in a process of its own. `--only` takes stores. */
export async function run({ only, rounds, progress }) {
  const names = STORES.filter((name) => only === undefined || only.includes(name))
  const results = new Map(names.map((name) => [name, []]))
  const turns = Math.min(rounds, ROUNDS)
  for (let round = 0; round < turns; round += 1)
    for (const [index, name] of names.entries()) {
      progress(name, (round + index / names.length) / turns)
      const args = ['--expose-gc', PROGRAM, name, String(TOKENS)]
      const { stdout } = await promisify(execFile)(process.execPath, args, {
        env: { ...process.env, NODE_ENV: 'production' },
      })
      const { bytes } = JSON.parse(stdout.slice(stdout.indexOf('{"bytes"')))
      results.get(name).push({ bytes, megabytes: (bytes * TOKENS) / 1e6 })
    }
  const figures = {}
  for (const name of names) figures[`${name}: bytes`] = figureOf(results, name, 'bytes')
  return {
    notes: [
      `What the heap and the buffers outside it have grown by after ${TOKENS} live tokens, all that goes with them included, after a full collection. The bare \`Map\` holds a digest, a client, a scope and two times by hand, and forgets nothing; oidc-provider’s own adapter was given room for more than the thousand records that it holds else.`,
    ],
    tables: [
      {
        title: `${TOKENS} live tokens`,
        columns: ['', 'bytes for each', 'MB for all'],
        rows: names.map((name) => [
          name,
          told(figures[`${name}: bytes`], 0),
          figureOf(results, name, 'megabytes').median.toFixed(1),
        ]),
      },
    ],
    figures,
    charts: [
      {
        title: 'Memory for each live token',
        unit: 'bytes',
        bars: names.map((name) => ({
          label: name,
          value: figures[`${name}: bytes`].median,
          ours: name === 'latchkey',
        })),
      },
    ],
  }
}
