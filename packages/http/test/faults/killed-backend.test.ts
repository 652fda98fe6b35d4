import { startPostgres, startRedis } from '@latchkey/test-backends'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { buildCli } from '../process/built-cli.ts'
import { lossesOf } from './ledger.ts'
import { startLoad } from './load.ts'
import { type Served, serve } from './served.ts'

/** So many tokens, and so many revocations, are acknowledged before the kill, while more are under way. */
const BEFORE = 1000
const AFTER = 500
const REFUSED = 200

/** A request is answered within three seconds whatever the backend does; a busy machine adds to it. */
const ANSWERED_WITHIN_MS = 10_000

const ended: (() => Promise<void>)[] = []

beforeAll(() => buildCli(), 120_000)

afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end()
})

const DURABLE = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' }

describe.each([
  ['Postgres', 'fsync on', () => startPostgres({ settings: DURABLE })],
  ['Redis', 'appendfsync always', () => startRedis({ config: { appendonly: 'yes', appendfsync: 'always' } })],
] as const)('the service, while %s (%s) is killed under load', (name, durability, start) => {
  it('answers 503, then goes on by itself, and nothing that it acknowledged is lost', async ({ task }) => {
    const backend = await start()
    ended.push(() => backend.stop())
    const served: Served = await serve({ LATCHKEY_STORAGE: backend.url })
    ended.push(() => served.stop())
    const load = startLoad(served)
    ended.push(() => load.stop())

    await load.acknowledges(BEFORE)
    await backend.kill()
    await load.refuses(REFUSED)
    const [token = ''] = load.ledger.active
    // Of a token that nobody can look up nothing is said, neither that it is active nor that it is not.
    expect(await served.post('/oauth2/introspect', { token })).toMatchObject({ status: 503 })
    expect(await served.get('/health/live')).toMatchObject({ status: 200 })
    // The backend's last answer is believed for a second.
    await expect.poll(async () => (await served.get('/health/ready'))?.status, { timeout: 10_000 }).toBe(503)
    await backend.start()
    await load.acknowledges(AFTER)
    await load.stop()
    await expect.poll(async () => (await served.get('/health/ready'))?.status, { timeout: 60_000 }).toBe(200)

    const { ledger, refusals } = load
    const lost = await lossesOf(ledger, served)
    const counted =
      `${name}: kill -9 of ${name} (${durability}) below the service under load: ` +
      `${ledger.issued} tokens and ${ledger.revoked.size} revocations acknowledged, ${refusals.length} answers of 503, ` +
      `${lost.tokens.length} tokens and ${lost.revocations.length} revocations lost`
    console.log(counted)
    Object.assign(task.meta, { counted })
    expect(lost).toEqual({ tokens: [], revocations: [] })
    expect(ledger.revoked.size).toBeGreaterThanOrEqual(BEFORE + AFTER)
    expect(load.unanswered()).toBe(0)
    expect(refusals.filter(({ status }) => status !== 503)).toEqual([])
    for (const { headers, body, milliseconds } of refusals) {
      expect(Number(headers['retry-after'])).toBeGreaterThan(0)
      expect(JSON.parse(body)).toMatchObject({ error: 'temporarily_unavailable' })
      expect(milliseconds).toBeLessThan(ANSWERED_WITHIN_MS)
    }
  })
})
