import { createRedisAdapter, createRedisClientChanges, createRedisClientRegistry } from '@latchkey/adapter-redis'
import { defineClient } from '@latchkey/core'
import { startFaultProxy, startRedis } from '@latchkey/test-backends'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from './until.ts'

let server: Awaited<ReturnType<typeof startRedis>>
let proxy: Awaited<ReturnType<typeof startFaultProxy>>
/** Asks past the proxy, and subscribes through it. */
let client: Redis
let subscribers: number

beforeAll(async () => {
  server = await startRedis()
  proxy = await startFaultProxy({ to: server.port })
  client = new Redis(server.port)
  subscribers = 0
  const duplicate = client.duplicate.bind(client)
  client.duplicate = (options) => {
    subscribers++
    return duplicate({ ...options, port: proxy.port })
  }
})
afterAll(async () => {
  await client.quit()
  await proxy.stop()
  await server.stop()
})

let names = 0
async function add(): Promise<string> {
  const id = `subscription-${names++}`
  await createRedisClientRegistry({ client }).add(defineClient({ id }))
  return id
}

/** Listens for as long as a test takes. */
async function listening(check: (heard: string[]) => Promise<void>): Promise<void> {
  const heard: string[] = []
  const unsubscribe = await createRedisClientChanges({ client }).subscribe((id) => heard.push(id))
  try {
    await check(heard)
  } finally {
    await unsubscribe()
  }
}

const hears = (heard: readonly string[], id: string) => until(async () => expect(heard).toContain(id))

describe('a subscription to changes of clients', () => {
  it('tells that anything may have changed after each connection, and of changes again', () =>
    listening(async (heard) => {
      for (let round = 0; round < 5; round++) {
        heard.length = 0
        proxy.cut()
        await hears(heard, 'all')
        await hears(heard, await add())
      }
    }))

  it('notices a connection that fell silent, and makes another', () =>
    listening(async (heard) => {
      await hears(heard, 'all')
      const before = subscribers
      proxy.swallow()
      await until(async () => expect(subscribers).toBeGreaterThan(before))
      heard.length = 0
      proxy.heal()
      await hears(heard, 'all')
      await hears(heard, await add())
    }))

  it('keeps its connection for as long as that is well', () =>
    listening(async (heard) => {
      const before = subscribers
      // Two beats and a half.
      await new Promise((resume) => setTimeout(resume, 5000))
      expect(subscribers).toBe(before)
      expect(heard).toEqual(['all'])
    }))

  it('fails where it cannot be made, and is not tried again', async () => {
    proxy.refuse()
    const before = subscribers
    const subscribing = createRedisClientChanges({ client }).subscribe(() => undefined)
    await expect(subscribing).rejects.toThrow('Redis failed at SUBSCRIBE')
    await new Promise((resume) => setTimeout(resume, 1000))
    expect(subscribers).toBe(before + 1)
    proxy.heal()
  })

  it('survives a restart of Redis', async () => {
    const through = new Redis(proxy.port)
    through.on('error', () => undefined)
    const adapter = await createRedisAdapter({ client: through })
    const heard: string[] = []
    await adapter.clientChanges.subscribe((id) => heard.push(id))
    await server.kill()
    heard.length = 0
    await server.start()
    await hears(heard, 'all')
    await until(() => adapter.check())
    await adapter.clients.add(defineClient({ id: 'after-restart' }))
    await hears(heard, 'after-restart')
    await adapter.close()
  })
})
