import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAuthorizationServer, defineClient, formOf, generateSecret } from '../../packages/core/dist/index.js'
import { openMemory } from '../backends/memory.mjs'
import { openPostgres } from '../backends/postgres.mjs'
import { openRedis } from '../backends/redis.mjs'
import { median } from '../rounds.mjs'
import { interleaveWindows, loadWhile, middle, spread } from '../windows.mjs'

const BACKENDS = { memory: openMemory, postgres: openPostgres, redis: openRedis }
/** How many tokens there are to introspect. */
const KNOWN = 20_000
/** How many expire for the purge, in all rounds together. */
const EXPIRED = 1_000_000
/** In flight while they are forgotten. */
const CALLERS = 64

/**
 * Issuing and introspecting reference tokens in this process on each storage, the client at hand as in a warm cache,
 * beside the limit of that storage: the same driver, durability, size of record and number of connections, and the best
 * of three sizes of batches. Then issuing while a million expired tokens are forgotten.
 */
export async function run({ only = Object.keys(BACKENDS), rounds, seconds }) {
  const parts = []
  for (const name of only) {
    const backend = await BACKENDS[name]()
    try {
      parts.push(`### ${backend.name}`, `${backend.version}.`, await measure(backend, { rounds, seconds }))
      process.stderr.write(`${parts.slice(-3).join('\n\n')}\n\n`)
    } finally {
      await backend.close()
    }
  }
  return parts.join('\n\n')
}

async function measure(backend, { rounds, seconds }) {
  const latchkey = serverOn(backend.adapter.tokens)
  const tokens = []
  for (let number = 0; number < KNOWN / 100; number += 1)
    tokens.push(...(await Promise.all(Array.from({ length: 100 }, () => latchkey.issue()))))
  const record = await backend.adapter.tokens.find(idOf(tokens[0]))
  const fresh = () => ({ ...record, id: randomBytes(32).toString('base64url') })
  const ids = Array.from({ length: KNOWN }, () => randomBytes(32).toString('base64url'))
  const any = (values) => values[Math.floor(Math.random() * values.length)]

  const rows = []
  for (const callers of [1, 16, 64]) {
    process.stderr.write(`  ${backend.name}: ${callers} in flight\n`)
    const limits = backend.limits(callers)
    for (let at = 0; at < ids.length; at += 100)
      await Promise.all(ids.slice(at, at + 100).map((id) => limits.at(-1).keep({ ...record, id })))
    const windows = { rounds, seconds, callers }
    rows.push(
      rowOf(
        `issue, ${callers}`,
        await interleaveWindows(
          [
            { name: 'latchkey', operation: latchkey.issue },
            ...limits.map(({ name, save }) => ({ name, operation: () => save(fresh()) })),
          ],
          windows,
        ),
      ),
      rowOf(
        `introspect, ${callers}`,
        await interleaveWindows(
          [
            { name: 'latchkey', operation: () => latchkey.introspect(any(tokens)) },
            ...limits.map(({ name, find }) => ({
              name,
              async operation() {
                if (!(await find(any(ids)))) throw new Error('a token was not found')
              },
            })),
          ],
          windows,
        ),
      ),
    )
  }
  return [
    '| In flight | ratio to the limit | the limit: best of three | requests/s | of the limit | p50 ms | p99 ms |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
    await purge(backend, latchkey, record, { rounds, seconds }),
  ].join('\n')
}

const idOf = (token) => createHash('sha256').update(token).digest('base64url')

function serverOn(tokens) {
  const { secret, credentialId, hash } = generateSecret()
  const client = defineClient({
    id: 'bench',
    credentials: [{ kind: 'secret', id: credentialId, hash }],
    scopes: { 'orders:read': true, 'orders:write': true },
  })
  const server = createAuthorizationServer({
    issuer: 'https://auth.example.com',
    clients: { find: async (id) => (id === client.id ? client : undefined) },
    tokens,
  })
  const authorization = `Basic ${btoa(`${client.id}:${secret}`)}`
  const form = formOf({ grant_type: 'client_credentials', scope: 'orders:read orders:write' })
  return {
    issue: async () => (await server.token({ authorization, form })).access_token,
    async introspect(token) {
      const { active } = await server.introspect({ authorization, form: formOf({ token }) })
      if (!active) throw new Error('a token is not active')
    },
  }
}

/** Within each round the limit is that size of batches which did best over all. */
function rowOf(title, results) {
  const best = [...results.keys()]
    .filter((name) => name !== 'latchkey')
    .toSorted((a, b) => middle(results, b, 'perSecond') - middle(results, a, 'perSecond'))[0]
  const ratio = results.get('latchkey').map(({ perSecond }, round) => perSecond / results.get(best)[round].perSecond)
  const figure = (key, digits) => middle(results, 'latchkey', key).toFixed(digits)
  return `| ${title} | ${spread(ratio)} | ${best} | ${figure('perSecond', 0)} | ${middle(results, best, 'perSecond').toFixed(0)} | ${figure('p50', 2)} | ${figure('p99', 2)} |`
}

/** Issues in windows in which nothing is forgotten, and in turn with them while a share of a million is. */
async function purge(backend, { issue }, record, { rounds, seconds }) {
  const share = Math.ceil(EXPIRED / rounds)
  const ratio = []
  const forgottenPerSecond = []
  const slowest = []
  const quiet = () => loadWhile(issue, { callers: CALLERS, during: () => sleep(seconds * 1000) })
  for (let round = 0; round < rounds; round += 1) {
    await backend.expire(share, record)
    // The quiet window comes first and after, since the records must lie there before they are forgotten.
    const started = performance.now()
    const during = await loadWhile(issue, { callers: CALLERS, during: backend.forget })
    forgottenPerSecond.push((share / (performance.now() - started)) * 1000)
    const { perSecond } = await quiet()
    ratio.push(during.perSecond / perSecond)
    slowest.push(during.slowest)
  }
  return `While ${EXPIRED} expired tokens are forgotten, ${CALLERS} in flight: ${spread(ratio)} of the throughput; ${Math.round(median(forgottenPerSecond))} forgotten/s; slowest answer ${Math.round(Math.max(...slowest))} ms.`
}
