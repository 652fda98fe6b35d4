import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { openAdapter } from '../../packages/adapter-redis/dist/index.js'
import { batching } from '../batching.mjs'
import { versionOf } from '../places.mjs'
import { batchSizes } from './batch-sizes.mjs'

/** Without the parameters that are the adapter's. */
function plain(url) {
  const own = new URL(url)
  const prefix = own.searchParams.get('prefix')
  own.search = ''
  return { address: own.href, prefix }
}

/** The limit of Redis: pipelines of `SET` and `GET` on one connection, as the adapter has one, below its prefix. */
export async function redisLimit(url) {
  const { address, prefix } = plain(url)
  const client = new Redis(address)

  const save = async (batch) => {
    const pipeline = client.pipeline()
    for (const { id, ...record } of batch)
      pipeline.set(`${prefix}:bound:{${id}}`, JSON.stringify(Object.values(record)), 'PX', 3_600_000, 'NX')
    return answersOf(await pipeline.exec())
  }
  const find = async (batch) => {
    const pipeline = client.pipeline()
    for (const id of batch) pipeline.get(`${prefix}:bound:{${id}}`)
    return answersOf(await pipeline.exec())
  }
  return {
    client,
    ways: (callers) =>
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
    close: () => client.disconnect(),
  }
}

/** Latchkey's adapter and the limit, below a prefix of their own. */
export async function openRedis(url) {
  const { address, prefix } = plain(url)
  const adapter = await openAdapter(new URL(url))
  const limit = await redisLimit(url)
  const { client } = limit
  return {
    name: 'Redis',
    version: await versionOf.redis(address),
    adapter,
    limits: limit.ways,
    async fill(count, record) {
      const save = () => adapter.tokens.save({ ...record, id: randomBytes(32).toString('base64url') })
      for (let left = count; left > 0; left -= 1000)
        await Promise.all(Array.from({ length: Math.min(left, 1000) }, save))
    },
    /** They are there until `forget` is told to begin, and Redis forgets them by itself. */
    async expire(count, template) {
      const { id: _, ...record } = template
      const value = JSON.stringify(Object.values(record))
      const at = Date.now() + 2000 + count / 20
      for (let written = 0; written < count; ) {
        const pipeline = client.pipeline()
        for (const end = Math.min(count, written + 1000); written < end; written += 1)
          pipeline.set(`${prefix}:expiring:${randomBytes(32).toString('base64url')}`, value, 'PXAT', Math.ceil(at))
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
      limit.close()
    },
  }
}

const answersOf = (results) =>
  results.map(([error, answer]) => {
    if (error) throw error
    return answer
  })
