import { openAdapter } from '@latchkey/adapter-postgres'
import { tokenIdOf } from '@latchkey/core'
import { startPostgres } from '@latchkey/test-backends'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestSchema, type TestSchema } from '../database.ts'
import { until } from '../until.ts'
import { countsOf, emptyLedger, type Ledger, type Losses, lossesOf, startLoad, type TokenPath } from './ledger.ts'

/** How many of each kind were acknowledged before a kill, at least. */
const BEFORE = 1000
/** And how many after it, so that the load is known to have gone on through it. */
const AFTER = 200

/** As a careful operator has it, with room in memory for all that nobody waits for. */
const SETTINGS = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  autovacuum: 'off',
  wal_buffers: '16MB',
}

let server: Awaited<ReturnType<typeof startPostgres>>
let home: TestSchema
beforeEach(async () => {
  server = await startPostgres({ settings: SETTINGS })
  home = await createTestSchema('killed', new URL(server.url))
  // The owner's connections die with the server, and nobody is to be blamed for it.
  home.owner.on('error', () => undefined)
})
afterEach(async () => {
  await home.owner.end()
  await server.stop()
})

const atLeast = (ledger: Ledger, count: number): boolean =>
  Object.values(countsOf(ledger)).every((seen) => seen >= count)

/** Kills the server while it is busy, starts it again, and lets the load go on. */
async function killedUnderLoad(parameters: Readonly<Record<string, string>> = {}) {
  const adapter = (await openAdapter(home.url({ sweep_interval: '0.1', ...parameters }))) as TokenPath
  try {
    const ledger = emptyLedger()
    const load = startLoad(adapter, ledger)
    await until(() => atLeast(ledger, BEFORE))
    await stopWalWriter()
    const unwritten = countsOf(ledger).issued
    await until(() => countsOf(ledger).issued >= unwritten + AFTER)
    await server.kill()
    const acknowledged = countsOf(ledger)
    await until(() => ledger.failures > 0)
    await server.start()
    await until(() => atLeast(ledger, Math.max(...Object.values(acknowledged)) + AFTER))
    await load.stop()
    const losses = await lossesOf(adapter, ledger)
    return { ledger, acknowledged, losses }
  } finally {
    await adapter.close()
  }
}

/** Nothing is written from here on, unless a commit waits for it: a promise that is not kept must show. */
async function stopWalWriter(): Promise<void> {
  const { rows } = await home.owner.query("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'")
  process.kill(rows[0].pid, 'SIGSTOP')
}

describe('a database that is killed under load and started again', () => {
  it('has every token, every revocation and every claim that it acknowledged', async () => {
    const { ledger, acknowledged, losses } = await killedUnderLoad()
    console.log(
      `postgres, kill -9: acknowledged before ${JSON.stringify(acknowledged)}, in all ${JSON.stringify(countsOf(ledger))}, failed ${ledger.failures}; lost ${JSON.stringify(sizesOf(losses))}`,
    )
    expect(losses).toEqual({ tokens: [], revocations: [], replays: [] })

    // What the check is worth: one loss of each kind, planted.
    const adapter = (await openAdapter(home.url())) as TokenPath
    const kept =
      [...ledger.issued.keys()].find((name) => !ledger.revoked.has(name) && ledger.claims.get(name) === 1) ?? ''
    const [gone = ''] = ledger.revoked
    const bytesOf = (name: string) => Buffer.from(tokenIdOf(name), 'base64url')
    await home.owner.query(`DELETE FROM "${home.schema}".tokens WHERE id = $1`, [bytesOf(kept)])
    await home.owner.query(`DELETE FROM "${home.schema}".revocations WHERE id = $1`, [bytesOf(gone)])
    await home.owner.query(
      `DELETE FROM "${home.schema}".claims WHERE ctid = (SELECT min(ctid) FROM "${home.schema}".claims)`,
    )
    const planted = await lossesOf(adapter, ledger)
    await adapter.close()
    expect(planted).toEqual({ tokens: [kept], revocations: [gone], replays: [expect.any(String)] })
  })

  it('has lost what it acknowledged where its commits were told not to wait, and the check sees it', async () => {
    const { acknowledged, losses } = await killedUnderLoad({ synchronous_commit: 'off' })
    console.log(
      `postgres, kill -9 with synchronous_commit=off: acknowledged before ${JSON.stringify(acknowledged)}; lost ${JSON.stringify(sizesOf(losses))}`,
    )
    for (const lost of Object.values(losses)) expect(lost).not.toEqual([])
  })
})

const sizesOf = (losses: Losses) =>
  Object.fromEntries(Object.entries(losses).map(([kind, names]) => [kind, names.length]))
