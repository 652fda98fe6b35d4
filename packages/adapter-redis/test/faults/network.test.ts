import { setTimeout as sleep } from 'node:timers/promises'
import { createRedisAdapter, openAdapter } from '@latchkey/adapter-redis'
import type { Adapter } from '@latchkey/core'
import { defineClient } from '@latchkey/core'
import { startFaultProxy, startRedis } from '@latchkey/test-backends'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createKeys } from '../../src/keys.ts'
import { tokenRecord } from '../token-records.ts'
import { lossesOf, NOTHING_LOST, startLoad, told } from './load.ts'
import { until } from './until.ts'

const EXPIRES_AT = 4_102_444_800

let server: Awaited<ReturnType<typeof startRedis>>
let proxy: Awaited<ReturnType<typeof startFaultProxy>>
/** Past the proxy. */
let redis: Redis
let adapter: Required<Adapter>

beforeAll(async () => {
  server = await startRedis()
  proxy = await startFaultProxy({ to: server.port })
  redis = new Redis(server.port)
  adapter = (await openAdapter(new URL(`redis://127.0.0.1:${proxy.port}`))) as Required<Adapter>
})
afterEach(() => proxy.heal())
afterAll(async () => {
  await adapter.close()
  await redis.quit()
  await proxy.stop()
  await server.stop()
})

let names = 0
const freshToken = () => tokenRecord(`network ${names++}`, EXPIRES_AT)

describe('a network', () => {
  it('may be slow', async () => {
    await until(() => adapter.check())
    proxy.delay(50)
    const token = freshToken()
    await adapter.tokens.save(token)
    expect(await adapter.tokens.find(token.id)).toEqual(token)
  })

  it.each([
    ['is slower than anybody waits', () => proxy.delay(5000)],
    ['lets nothing through', () => proxy.swallow()],
    ['refuses every connection', () => proxy.refuse()],
  ])('that %s makes every port fail, and is forgotten when it is good again', async (_, fail) => {
    const token = freshToken()
    await until(() => adapter.tokens.save(token))
    fail()
    await expect(adapter.check()).rejects.toThrow('Redis')
    const asked = await Promise.allSettled([
      adapter.tokens.find(token.id),
      adapter.tokens.isRevoked(token.id),
      adapter.tokens.save(freshToken()),
      adapter.replays.claim(`network ${names++}`, EXPIRES_AT),
      adapter.clients.find('network'),
      adapter.clients.list({ limit: 1 }),
      adapter.credentialUses.of('network'),
    ])
    expect(asked.map(({ status }) => status)).toEqual(Array(7).fill('rejected'))
    proxy.heal()
    await until(() => adapter.check())
    expect(await adapter.tokens.find(token.id)).toEqual(token)
  })

  it('that is away keeps nobody from closing', async () => {
    await until(() => adapter.check())
    const closing = await openAdapter(new URL(`redis://127.0.0.1:${proxy.port}`))
    await closing.clientChanges?.subscribe(() => undefined)
    proxy.refuse()
    await expect(closing.check()).rejects.toThrow('Redis')
    await sleep(100)
    await closing.close()
    proxy.heal()
  })

  it('that is cut again and again under load loses nothing, and lets nothing pass twice', async () => {
    await until(() => adapter.check())
    const load = startLoad(adapter)
    for (let cut = 0; cut < 20; cut++) {
      await load.untilMore(50)
      proxy.cut()
    }
    await load.untilMore(50)
    const acknowledged = await load.stop()
    const losses = await lossesOf(adapter, acknowledged)
    console.log(told('redis cut off 20 times', acknowledged, losses))
    expect(losses).toEqual(NOTHING_LOST)
  })
})

describe('a command whose answer was lost, and which was sent again', () => {
  /** One that waits as long as it takes: how soon the connection is back depends on the machine. */
  let patient: Awaited<ReturnType<typeof createRedisAdapter>>
  const keys = createKeys()

  beforeAll(async () => {
    const client = new Redis(proxy.port, { enableAutoPipelining: true })
    client.on('error', () => undefined)
    patient = await createRedisAdapter({ client })
  })
  afterAll(() => patient.close())

  /** Lets the question through, cuts the connection before the answer, and counts how often the question came. */
  async function withoutAnswer<Answer>(command: string, isDone: () => Promise<boolean>, ask: () => Promise<Answer>) {
    await patient.check()
    await redis.config('RESETSTAT')
    proxy.delay(200)
    const asked = ask()
    while (!(await isDone())) await sleep(1)
    proxy.cut()
    proxy.delay(0)
    const answer = await asked
    const calls = new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(await redis.info('commandstats'))?.[1]
    return { answer, calls: Number(calls) }
  }

  const exists = (key: string) => async () => (await redis.exists(key)) === 1

  it('is still won by the claim that it was, and by no other', async () => {
    for (let round = 0; round < 10; round++) {
      const key = `lost answer ${round}`
      const claimed = await withoutAnswer('set', exists(keys.claim(key)), () => patient.replays.claim(key, EXPIRES_AT))
      expect(claimed).toEqual({ answer: true, calls: 2 })
      expect(await patient.replays.claim(key, EXPIRES_AT)).toBe(false)
      await until(() => adapter.check())
      expect(await adapter.replays.claim(key, EXPIRES_AT)).toBe(false)
    }
  })

  it('is not won by a claim that came second', async () => {
    const key = 'lost answer to the loser'
    await redis.set(keys.claim(key), 'claim/1:another')
    proxy.delay(200)
    await redis.config('RESETSTAT')
    const claimed = patient.replays.claim(key, EXPIRES_AT)
    while (!(await redis.info('commandstats')).includes('cmdstat_set')) await sleep(1)
    proxy.cut()
    proxy.delay(0)
    expect(await claimed).toBe(false)
  })

  it('adds, replaces and removes a client once, and says that it did', async () => {
    const client = defineClient({ id: 'lost-answers' })
    const { clients } = patient
    const key = keys.client(client.id)
    // Known to Redis by then, so that each is one command.
    await clients.add(defineClient({ id: 'known' }))
    await clients.replace(defineClient({ id: 'known' }), 1)
    await clients.remove('known')

    const added = await withoutAnswer('evalsha', exists(key), () => clients.add(client))
    expect(added).toEqual({ answer: true, calls: 2 })
    const isReplaced = async () => (await redis.get(key))?.startsWith('client/1:2:') === true
    const replaced = await withoutAnswer('evalsha', isReplaced, () => clients.replace(client, 1))
    expect(replaced).toEqual({ answer: true, calls: 2 })
    expect((await clients.find(client.id))?.version).toBe(2)
    const isRemoved = async () => !(await exists(key)())
    const removed = await withoutAnswer('evalsha', isRemoved, () => clients.remove(client.id))
    expect(removed).toEqual({ answer: true, calls: 2 })
    expect(await clients.remove(client.id)).toBe(false)
  })
})
