import { freshPrefix, freshSchema } from '@latchkey/test-backends'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { buildCli } from '../process/built-cli.ts'
import { lossesOf } from './ledger.ts'
import { startLoad } from './load.ts'
import { type Served, serve } from './served.ts'

const KILLS = 3
/** So many tokens, and so many revocations, are acknowledged before each kill, while more are under way. */
const BEFORE_EACH = 1000
const AFTER_EACH = 100

const ended: (() => Promise<void>)[] = []

beforeAll(() => buildCli(), 120_000)

afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end()
})

/** Lets the backend forget a token or a revocation, as no backend may. */
interface Forgetting {
  readonly url: string
  token(): Promise<void>
  revocations(): Promise<void>
}

function onPostgres(): Forgetting {
  const { url, remove } = freshSchema()
  ended.push(remove)
  const ask = async (text: string): Promise<void> => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(`SET search_path = "${new URL(url).searchParams.get('schema')}"`)
    expect((await client.query(text)).rowCount).toBeGreaterThan(0)
    await client.end()
  }
  const active = 'SELECT id FROM tokens WHERE id NOT IN (SELECT id FROM revocations) LIMIT 1'
  return {
    url,
    token: () => ask(`DELETE FROM tokens WHERE id IN (${active})`),
    revocations: () => ask('DELETE FROM revocations'),
  }
}

function onRedis(): Forgetting {
  const { url, remove } = freshPrefix()
  ended.push(remove)
  const prefix = new URL(url).searchParams.get('prefix')
  const tokens = async (use: (redis: Redis, tokens: readonly { key: string; value: string }[]) => Promise<void>) => {
    const redis = new Redis(new URL('/', url).href)
    const found: { key: string; value: string }[] = []
    for await (const keys of redis.scanStream({ match: `${prefix}:token:*`, count: 1000 }))
      for (const key of keys as string[]) found.push({ key, value: (await redis.get(key)) ?? '' })
    await use(redis, found)
    redis.disconnect()
  }
  const isActive = ({ value }: { readonly value: string }): boolean => value.startsWith('token/')
  return {
    url,
    token: () => tokens(async (redis, all) => void (await redis.del(all.find(isActive)?.key ?? 'none'))),
    // The record of another token in its place: a revoked token is active again.
    revocations: () =>
      tokens(async (redis, all) => {
        const record = all.find(isActive)?.value ?? ''
        for (const { key } of all.filter((each) => !isActive(each))) await redis.set(key, record, 'KEEPTTL')
      }),
  }
}

describe.each([
  ['Postgres', onPostgres],
  ['Redis', onRedis],
] as const)('the service on %s, killed under load', (name, open) => {
  it('keeps every token and every revocation that it has acknowledged, and a loss would be seen', async ({ task }) => {
    const backend = open()
    const served: Served = await serve({ LATCHKEY_STORAGE: backend.url })
    ended.push(() => served.stop())
    const load = startLoad(served)
    ended.push(() => load.stop())
    for (let kill = 0; kill < KILLS; kill++) {
      await load.acknowledges(BEFORE_EACH)
      await served.kill()
      await served.start()
    }
    await load.acknowledges(AFTER_EACH)
    await load.stop()

    const { ledger } = load
    const lost = await lossesOf(ledger, served)
    const counted =
      `${name}: kill -9 of the service, ${KILLS} times under load: ` +
      `${ledger.issued} tokens and ${ledger.revoked.size} revocations acknowledged, ${load.unanswered()} requests unanswered, ` +
      `${lost.tokens.length} tokens and ${lost.revocations.length} revocations lost`
    console.log(counted)
    Object.assign(task.meta, { counted })
    expect(load.refusals).toEqual([])
    // Each kill has met requests that were under way.
    expect(load.unanswered()).toBeGreaterThanOrEqual(KILLS)
    expect(ledger.revoked.size).toBeGreaterThanOrEqual(KILLS * BEFORE_EACH)
    expect(lost).toEqual({ tokens: [], revocations: [] })

    await backend.token()
    expect((await lossesOf(ledger, served)).tokens).toHaveLength(1)
    await backend.revocations()
    expect((await lossesOf(ledger, served)).revocations).toHaveLength(ledger.revoked.size)
  })
})
