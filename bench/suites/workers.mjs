import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { SETTING_NAMES } from '../../packages/http/dist/index.js'
import { CLIENT, latchkey, limit, SECRET, withTargets } from '../contenders.mjs'
import { figure, ratioOf, tableOf, told } from '../figures.mjs'
import { withPlace } from '../places.mjs'
import { checkIssuing, tokenRequest } from '../requests.mjs'
import { interleave } from '../rounds.mjs'
import { spawnServer } from '../server-process.mjs'

/** Two for the workers, and one for the load, which must not take theirs. */
const CORES = 3

/** As many for each of two workers as one process has elsewhere: with fewer under way less is done together. */
const CONNECTIONS = 128

/** What a hand-written endpoint does for each request beside HTTP, for the same kind of token. */
const LIMITS = { 'JWT, ES256': 'sign', 'opaque on Redis': 'issue' }

/** Hand-written endpoints on node:http, one process and as many workers: what there is to be gained where they are measured. */
const limits = (kind, count, cores) =>
  ['1', count].map((WORKERS, index) => ({
    ...limit(`raw-http, ${index === 0 ? 'one process' : 'workers'}`, {
      server: 'raw-http',
      work: LIMITS[kind],
      keepsLog: true,
      env: { ALG: 'ES256', CLIENT_ID: CLIENT, CLIENT_SECRET: SECRET, WORKERS },
      cores: index === 0 ? 'first' : cores,
    }),
  }))

/**
 * One process beside several workers, for JWTs and for opaque tokens on Redis, and whether workers on memory are refused.
 *
 * Where there are cores enough, the workers have all of them. Where there are not, two workers share the core that the one
 * process has: what they get done there, twice, is what they would on two cores that are free. A worker pays for the turns
 * of the other then, so it is not told too well.
 */
export async function run({ rounds, seconds, progress }) {
  if (!SETTING_NAMES.includes('LATCHKEY_WORKERS'))
    return { notes: ['Not measured: this version serves with one process.'], tables: [], figures: {}, charts: [] }
  const refused = await isRefused()
  const figures = { 'memory with workers is refused': figure([refused ? 1 : 0]) }
  const cores = availableParallelism()
  const isShared = cores < CORES
  const workers = isShared ? 'two workers' : 'workers'
  return await withPlace('redis', async (redis) => {
    const onRedis = { LATCHKEY_STORAGE: redis, LATCHKEY_AUTO_MIGRATE: 'true' }
    const tables = []
    const kinds = {
      'JWT, ES256': {
        ...onRedis,
        LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt',
        LATCHKEY_MASTER_KEY: randomBytes(32).toString('base64url'),
      },
      'opaque on Redis': onRedis,
    }
    for (const [index, [kind, settings]] of Object.entries(kinds).entries()) {
      const where = isShared ? 'first' : 'all'
      const contenders = [
        latchkey({ name: 'one process', settings }),
        latchkey({
          name: workers,
          settings: { ...settings, LATCHKEY_WORKERS: isShared ? '2' : 'auto' },
          cores: where,
        }),
        ...limits(kind, isShared ? '2' : String(cores), where),
      ]
      await withTargets(contenders, async (started) => {
        await checkIssuing(started)
        const targets = started.map((target) => ({ ...target, request: tokenRequest(target) }))
        const part = progress.part(index, 2, kind)
        const results = await interleave(targets, { rounds, seconds, connections: CONNECTIONS, progress: part })
        tables.push(tableOf(kind, results, 'one process'))
        figures[`${kind}: workers to one process`] = timesOf(ratioOf(results, workers, 'one process'), isShared)
        figures[`${kind}: workers to one process, the limit`] = timesOf(
          ratioOf(results, 'raw-http, workers', 'raw-http, one process'),
          isShared,
        )
      })
    }
    return {
      notes: [
        isShared
          ? `${CONNECTIONS} connections, ${cores} cores: the load has one, and both workers share the one that the one process has. What the goals are judged by is twice their ratio.`
          : `${CONNECTIONS} connections, ${cores} cores of which the load has one; the one process has one core.`,
        `raw-http is a hand-written endpoint that signs, or does all that issuing on memory takes and asks no Redis; what its workers gain is what node:cluster and a shared machine leave to be gained at the most: ${Object.keys(
          kinds,
        )
          .map((kind) => `${told(figures[`${kind}: workers to one process, the limit`])} beside ${kind}`)
          .join(', ')}.`,
        `Workers on memory are ${refused ? 'refused' : 'not refused'}.`,
      ],
      tables,
      figures,
      charts: [],
    }
  })
}

const timesOf = ({ median, low, high }, isShared) => {
  const times = isShared ? 2 : 1
  return { median: times * median, low: times * low, high: times * high }
}

async function isRefused() {
  const { clean, ready: _, ...command } = latchkey({ settings: { LATCHKEY_WORKERS: '2' } }).command(0)
  const { child, stop } = spawnServer(command)
  for (let turn = 0; turn < 100 && child.exitCode === null; turn += 1) await sleep(100)
  const refused = child.exitCode !== null && child.exitCode !== 0
  await stop()
  clean()
  return refused
}
