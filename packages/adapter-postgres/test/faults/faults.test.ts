import { openAdapter } from '@latchkey/adapter-postgres'
import { defineClient } from '@latchkey/core'
import { startFaultProxy, startPostgres } from '@latchkey/test-backends'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestSchema, type TestSchema } from '../database.ts'
import { tokenRecord } from '../token-records.ts'
import { until } from '../until.ts'
import { countsOf, emptyLedger, lossesOf, startLoad, type TokenPath } from './ledger.ts'

const LIVE = 4_102_444_800
const CONNECTIONS = 24

let server: Awaited<ReturnType<typeof startPostgres>>
let home: TestSchema
let adapter: TokenPath
beforeAll(async () => {
  server = await startPostgres({ settings: { max_connections: String(CONNECTIONS) } })
  home = await createTestSchema('faults', new URL(server.url))
  home.owner.on('error', () => undefined)
})
afterAll(async () => {
  await home.owner.end()
  await server.stop()
})
beforeEach(async () => {
  adapter = (await openAdapter(home.url({ sweep_interval: '0' }))) as TokenPath
})
afterEach(() => adapter.close())

let names = 0
const freshRecord = () => tokenRecord(`fault ${names++}`)

/** What becomes of it, which must be known while a client still waits. The server gives up after two and a half seconds. */
async function endOf(call: Promise<unknown>): Promise<'done' | 'failed' | 'hangs'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'hangs'>((resolve) => {
    timer = setTimeout(resolve, 15_000, 'hangs')
  })
  const settled = call.then(
    () => 'done' as const,
    () => 'failed' as const,
  )
  try {
    return await Promise.race([settled, late])
  } finally {
    clearTimeout(timer)
  }
}

/** One call of each kind that writes, on an adapter that may or may not reach its database. */
const writesOn = ({ tokens, replays }: TokenPath) => [
  tokens.save(freshRecord()),
  tokens.revoke(freshRecord().id, LIVE),
  replays.claim(freshRecord().id, LIVE),
]
const endsOf = (calls: readonly Promise<unknown>[]) => Promise.all(calls.map(endOf))

async function expectWell(well: TokenPath): Promise<void> {
  const record = freshRecord()
  await well.tokens.save(record)
  expect(await well.tokens.find(record.id)).toEqual(record)
  await well.tokens.revoke(record.id, LIVE)
  expect(await well.tokens.find(record.id)).toBeUndefined()
  expect([await well.replays.claim(record.id, LIVE), await well.replays.claim(record.id, LIVE)]).toEqual([true, false])
  await well.check()
}

describe('connections that are terminated under load', () => {
  it('cost some calls, and nothing that was acknowledged', async () => {
    const ledger = emptyLedger()
    const load = startLoad(adapter, ledger)
    for (let round = 1; round <= 5; round++) {
      await until(() => countsOf(ledger).issued > 100 * round)
      await home.owner.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [home.role])
    }
    await until(() => ledger.failures > 0 && countsOf(ledger).issued > 700)
    await load.stop()
    expect(await lossesOf(adapter, ledger)).toEqual({ tokens: [], revocations: [], replays: [] })
    await expectWell(adapter)
  })
})

describe('a database that has no connection to spare', () => {
  it('fails calls in time, and serves them again when there is one', async () => {
    await adapter.close()
    const hogs: Client[] = []
    for (;;) {
      const hog = new Client({ connectionString: home.url().href.replace(/\?.*$/, '') })
      hog.on('error', () => undefined)
      const outcome: unknown = await hog.connect().catch((error: unknown) => error)
      if (outcome instanceof Error) break
      hogs.push(hog)
    }
    expect(hogs.length).toBeGreaterThan(5)
    adapter = (await openAdapter(home.url({ sweep_interval: '0' }))) as TokenPath
    expect(await endsOf(writesOn(adapter))).toEqual(['failed', 'failed', 'failed'])
    await expect(adapter.check()).rejects.toThrow('connection')
    await Promise.all(hogs.map((hog) => hog.end()))
    await until(async () => (await endOf(adapter.check())) === 'done')
    await expectWell(adapter)
  })

  it('serves more callers than the pool has connections', async () => {
    const narrow = (await openAdapter(home.url({ pool_size: '1' }))) as TokenPath
    const records = Array.from({ length: 500 }, freshRecord)
    await Promise.all(records.map(narrow.tokens.save))
    expect(await Promise.all(records.map(({ id }) => narrow.tokens.find(id)))).toEqual(records)
    await narrow.close()
  })
})

describe('a lock on the table of tokens', () => {
  it('fails what needs the table, in time, lets everything else pass, and is over when it is over', async () => {
    const holder = await home.owner.connect()
    await holder.query(`BEGIN; LOCK TABLE "${home.schema}".tokens IN ACCESS EXCLUSIVE MODE`)
    const record = freshRecord()
    const blocked = [adapter.tokens.save(record), adapter.tokens.find(record.id)]
    const free = [
      adapter.replays.claim(record.id, LIVE),
      adapter.tokens.revoke(freshRecord().id, LIVE),
      adapter.clients?.add(defineClient({ id: 'beside-the-lock' })) ?? Promise.reject(new Error('no clients')),
      adapter.check(),
    ]
    expect(await endsOf(free)).toEqual(free.map(() => 'done'))
    expect(await endsOf(blocked)).toEqual(['failed', 'failed'])
    await holder.query('ROLLBACK')
    holder.release()
    await expectWell(adapter)
  })

  it('leaves no statement behind that still waits for it', async () => {
    const holder = await home.owner.connect()
    await holder.query(`BEGIN; LOCK TABLE "${home.schema}".tokens IN ACCESS EXCLUSIVE MODE`)
    await endsOf([adapter.tokens.save(freshRecord()), adapter.tokens.save(freshRecord())])
    await until(async () => {
      const { rows } = await holder.query('SELECT FROM pg_locks WHERE NOT granted')
      return rows.length === 0
    })
    await holder.query('ROLLBACK')
    holder.release()
  })
})

describe('a database that takes no writes for a while', () => {
  it('refuses every write, still finds tokens, says so when it is asked, and takes writes again', async () => {
    const record = freshRecord()
    await adapter.tokens.save(record)
    await home.owner.query('ALTER SYSTEM SET default_transaction_read_only = on')
    await home.owner.query('SELECT pg_reload_conf()')
    try {
      await until(async () => (await endsOf(writesOn(adapter))).every((end) => end === 'failed'))
      expect(await adapter.tokens.find(record.id)).toEqual(record)
      await expect(adapter.check()).rejects.toThrow('takes no writes')
    } finally {
      await setWritable()
    }
    await until(async () => (await endsOf(writesOn(adapter))).every((end) => end === 'done'))
    await expectWell(adapter)
  })

  /** On a connection of its own, which says for itself that it writes. */
  async function setWritable(): Promise<void> {
    const client = new Client({ connectionString: server.url })
    await client.connect()
    await client.query('SET default_transaction_read_only = off')
    await client.query('ALTER SYSTEM RESET default_transaction_read_only')
    await client.query('SELECT pg_reload_conf()')
    await client.end()
  }
})

describe('a network that fails', () => {
  let proxy: Awaited<ReturnType<typeof startFaultProxy>>
  let distant: TokenPath
  beforeEach(async () => {
    proxy = await startFaultProxy({ to: server.port })
    const url = home.url({ sweep_interval: '0' })
    url.host = `127.0.0.1:${proxy.port}`
    distant = (await openAdapter(url)) as TokenPath
  })
  afterEach(async () => {
    await distant.close()
    await proxy.stop()
  })

  it('makes nothing wrong by being slow', async () => {
    proxy.delay(60)
    await expectWell(distant)
  })

  it('fails calls when it cuts the connections, and serves them on new ones', async () => {
    await expectWell(distant)
    proxy.delay(200)
    const calls = writesOn(distant)
    await new Promise((resolve) => setTimeout(resolve, 100))
    proxy.cut()
    expect(await endsOf(calls)).not.toContain('hangs')
    proxy.delay(0)
    await until(async () => (await endOf(distant.check())) === 'done')
    await expectWell(distant)
  })

  it('fails calls in time when it swallows everything without a word, and serves them again when it is well', async () => {
    await expectWell(distant)
    proxy.swallow()
    expect(await endsOf(writesOn(distant))).toEqual(['failed', 'failed', 'failed'])
    await expect(distant.check()).rejects.toThrow('did not answer within')
    // As long as it lasts: nothing piles up behind the first one.
    expect(await endsOf(writesOn(distant))).toEqual(['failed', 'failed', 'failed'])
    proxy.heal()
    await until(async () => (await endOf(distant.check())) === 'done')
    await expectWell(distant)
  })

  it('fails calls at once when it refuses, and serves them again', async () => {
    proxy.refuse()
    expect(await endsOf(writesOn(distant))).toEqual(['failed', 'failed', 'failed'])
    proxy.heal()
    await until(async () => (await endOf(distant.check())) === 'done')
    await expectWell(distant)
  })

  it('can be closed while it swallows', async () => {
    await expectWell(distant)
    proxy.swallow()
    const calls = writesOn(distant)
    expect(await endOf(distant.close())).toBe('done')
    await endsOf(calls)
  })
})

describe('a sweep that has not been done for three lifetimes', () => {
  it('is missed by nobody who issues or looks, and is made up for in one', async () => {
    const [now, lifetime] = [1_800_000_000, 3600]
    const generations = [3, 2, 1, 0].map((age) =>
      Array.from({ length: 1500 }, () => ({ ...freshRecord(), expiresAt: now - age * lifetime })),
    )
    for (const generation of generations) {
      await Promise.all(generation.map(adapter.tokens.save))
      const last = generation.slice(-50)
      expect(await Promise.all(last.map(({ id }) => adapter.tokens.find(id)))).toEqual(last)
    }
    expect(await adapter.sweeper?.sweep(now)).toBe(4500)
    const [live = []] = generations.slice(-1)
    expect(await Promise.all(live.map(({ id }) => adapter.tokens.find(id)))).toEqual(live)
    expect(await adapter.tokens.find(generations[0]?.[0]?.id ?? tokenRecord('none').id)).toBeUndefined()
  })
})
