import type { Client, ClientRegistry } from '@latchkey/core'
import { broken } from './broken.ts'
import { ADD, REMOVE, REPLACE } from './client-scripts.ts'
import { clientValue, readClientValue } from './client-value.ts'
import { runOn } from './commands.ts'
import { nonce } from './digest.ts'
import { createKeys } from './keys.ts'
import type { RedisPortOptions } from './port-options.ts'

/** How often a page is read again whose clients were removed between its two reads. */
const ATTEMPTS = 10

/**
 * Keeps clients in Redis. Each change is one script, which tells those that subscribed to changes of it. What was last used
 * of a client is forgotten with it.
 *
 * @throws TypeError when the prefix is wrong.
 */
export function createRedisClientRegistry({ client: redis, prefix }: RedisPortOptions): ClientRegistry {
  const keys = createKeys(prefix)
  const run = runOn(redis)

  /** The clients of these ids; nothing when one of them was removed since its id was read. */
  async function clientsOf(ids: readonly string[]): Promise<readonly Client[] | undefined> {
    if (ids.length === 0) return []
    const values = await run('MGET', ...ids.map(keys.client))
    if (!Array.isArray(values)) throw broken('a client')
    return values.includes(null) ? undefined : ids.map((id, index) => readClientValue(id, values[index]))
  }

  return {
    async find(id) {
      const value = await run('GET', keys.client(id))
      return value === null ? undefined : readClientValue(id, value)
    },
    async add(client) {
      const call = nonce()
      const args = [clientValue(client, call), call, client.id, keys.changes]
      return (await ADD.run(run, [keys.client(client.id), keys.clientIds], args)) === 1
    },
    async replace(client, expectedVersion) {
      const call = nonce()
      const value = clientValue({ ...client, version: expectedVersion + 1 }, call)
      const args = [value, call, client.id, keys.changes, expectedVersion]
      return (await REPLACE.run(run, [keys.client(client.id)], args)) === 1
    },
    async remove(id) {
      const touched = [keys.client(id), keys.clientIds, keys.removal(id), keys.uses(id)]
      return (await REMOVE.run(run, touched, [nonce(), id, keys.changes])) === 1
    },
    async list({ after, limit }) {
      const above = after === undefined ? '-' : `(${after}`
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const ids = await run('ZRANGE', keys.clientIds, above, '+', 'BYLEX', 'LIMIT', 0, limit + 1)
        if (!isListOfTexts(ids)) throw broken('the ids of clients')
        const clients = await clientsOf(ids.slice(0, limit))
        const next = ids[limit - 1]
        if (clients) return ids.length > limit && next !== undefined ? { clients, next } : { clients }
      }
      throw broken('a client that is listed')
    },
  }
}

const isListOfTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')
