import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { openAdapter } from '../../packages/adapter-redis/dist/index.js'
import { batching } from '../batching.mjs'
import { startRedis } from '../servers/redis.mjs'
import { batchSizes } from './postgres.mjs'

/** The limit of Redis: pipelines of `SET` and `GET` on one connection, as the adapter has one. */
export async function openRedis() {
  const server = await startRedis()
  const adapter = await openAdapter(new URL(server.url))
  const client = new Redis(server.url)

  const save = async (batch) => {
    const pipeline = client.pipeline()
    for (const { id, ...record } of batch)
      pipeline.set(`bound:{${id}}`, JSON.stringify(Object.values(record)), 'PX', 3_600_000, 'NX')
    return answersOf(await pipeline.exec())
  }
  const find = async (batch) => {
    const pipeline = client.pipeline()
    for (const id of batch) pipeline.get(`bound:{${id}}`)
    return answersOf(await pipeline.exec())
  }

  return {
    name: 'Redis',
    version: server.version,
    adapter,
    limits: (callers) =>
      batchSizes(callers).map((size) => {
        const connections = Math.ceil(callers / size)
        const saves = batching(save, { connections, most: size })
        return {
          name: `${size} in a pipeline, ${connections} at once`,
          save: saves,
          find: batching(find, { connections, most: size }),
          keep: saves,
        }
      }),
    /** They are there until `forget` is told to begin, and Redis forgets them by itself. */
    async expire(count, record) {
      const { id: _, ...rest } = record
      const value = JSON.stringify(Object.values(rest))
      const at = Date.now() + 2000 + count / 20
      for (let written = 0; written < count; ) {
        const pipeline = client.pipeline()
        for (const end = Math.min(count, written + 1000); written < end; written += 1)
          pipeline.set(`expiring:${randomBytes(32).toString('base64url')}`, value, 'PXAT', Math.ceil(at))
        answersOf(await pipeline.exec())
      }
      await sleep(Math.max(0, at - Date.now() - 20))
    },
    async forget() {
      // Keys that are issued meanwhile make up for some of those that go, so it is asked what has expired.
      const expired = async () => Number(/^expired_keys:(\d+)/m.exec(await client.info('stats'))[1])
      let before = await expired()
      for (;;) {
        await sleep(200)
        const now = await expired()
        if (now === before) return
        before = now
      }
    },
    async close() {
      await adapter.close()
      client.disconnect()
      await server.stop()
    },
  }
}

const answersOf = (results) =>
  results.map(([error, answer]) => {
    if (error) throw error
    return answer
  })
