import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { totalmem } from 'node:os'
import { STORAGES, withAddress } from '../backends/index.mjs'
import { figure, figureOf, ratioOf, told } from '../figures.mjs'
import { onCore } from '../server-process.mjs'

const CALLERS = 64
const PROGRAM = new URL('../programs/token-store.mjs', import.meta.url).pathname

/**
 * Issuing and introspecting with many live tokens in a storage, beside the same storage with few, each in a process of its own;
 * and the longest that the event loop stood still. `--tokens` says how many, `--only` takes storages.
 */
export async function run({ only, rounds, seconds, tokens, progress }) {
  const names = STORAGES.filter((name) => only === undefined || only.includes(name))
  const rows = []
  const figures = {}
  for (const [index, name] of names.entries())
    await withAddress(name, (few) =>
      withAddress(name, async (many) => {
        const part = progress.part(index, names.length, name)
        part(`${tokens} tokens are stored`, 0)
        const stores = { few: await startStore(name, few), many: await startStore(name, many) }
        try {
          const filling = await stores.many.tell({ what: 'fill', count: tokens })
          const found = { issue: both(), introspect: both() }
          for (let round = 0; round < rounds; round += 1)
            for (const [turn, what] of ['issue', 'introspect'].entries()) {
              part(`${what}, round ${round + 1} of ${rounds}`, 0.4 + (0.6 * (round + turn / 2)) / rounds)
              for (const which of round % 2 === 0 ? ['few', 'many'] : ['many', 'few'])
                found[what].get(which).push(await stores[which].tell({ what, callers: CALLERS, seconds }))
            }
          for (const [what, results] of Object.entries(found)) {
            const ratio = ratioOf(results, 'many', 'few')
            figures[`${name}: ${what}, many to few`] = ratio
            rows.push([
              `${name}: ${what}`,
              told(ratio),
              figureOf(results, 'many', 'perSecond').median.toFixed(0),
              figureOf(results, 'many', 'p99').median.toFixed(1),
              figureOf(results, 'many', 'pause').high.toFixed(1),
              figureOf(results, 'many', 'collecting').high.toFixed(1),
            ])
          }
          const all = [filling, ...found.issue.get('many'), ...found.introspect.get('many')]
          figures[`${name}: pause of the event loop, ms`] = figure([Math.max(...all.map(({ pause }) => pause))])
          figures[`${name}: collecting garbage, ms`] = figure([Math.max(...all.map(({ collecting }) => collecting))])
          rows.push([
            `${name}: while they are stored`,
            '',
            '',
            '',
            filling.pause.toFixed(1),
            filling.collecting.toFixed(1),
          ])
        } finally {
          await stores.few.stop()
          await stores.many.stop()
        }
      }),
    )
  return {
    notes: [
      `${tokens} live tokens in the one storage, ten thousand in the other; ${CALLERS} callers in the process that holds or asks it.`,
    ],
    tables: [
      {
        title: 'With many live tokens',
        columns: [
          '',
          'calls, ratio to few',
          'calls/s',
          'p99 ms',
          'longest pause of the event loop, ms',
          'of the collector',
        ],
        rows,
      },
    ],
    figures,
    charts: [],
  }
}

const both = () =>
  new Map([
    ['few', []],
    ['many', []],
  ])

async function startStore(name, url) {
  const heap = Math.floor((totalmem() / 2 ** 20) * 0.6)
  const [command, args] = onCore(0, [
    `--max-old-space-size=${heap}`,
    PROGRAM,
    name,
    ...(url === undefined ? [] : [url]),
  ])
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const exited = once(child, 'exit')
  const message = async () => {
    const first = await Promise.race([once(child, 'message'), exited.then(() => undefined)])
    if (first === undefined) throw new Error(`the process with ${name} has ended`)
    return first[0]
  }
  await message()
  return {
    tell(plan) {
      child.send(plan)
      return message()
    },
    async stop() {
      if (child.connected) child.disconnect()
      await exited
    },
  }
}
