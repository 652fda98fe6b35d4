import type { TokenStore } from '@latchkey/core'
import { systemClock } from '@latchkey/core'
import { failureOf, isOneServer, runAtOnceOn, runOn } from './commands.ts'
import { createKeys } from './keys.ts'
import type { RedisExpiringPortOptions } from './port-options.ts'
import { runReplicated } from './replicated.ts'
import { createScript } from './script.ts'
import { timeToLive } from './time-to-live.ts'
import { REVOKED, readTokenValue, tokenValue } from './token-value.ts'
import { inTurns } from './turns.ts'

interface Saving {
  readonly key: string
  readonly value: string
  readonly lifetime: number
}

/** `SET … PX … NX` for each of many tokens. */
const SAVE_ALL = createScript(`
local call, count = redis.call, #KEYS
for index = 1, count do
  call('SET', KEYS[index], ARGV[index], 'PX', ARGV[count + index], 'NX')
end
return count`)

/** `GET` for each of many tokens. Where that fails, its error stands in the place of the answer: `MGET` would see nothing there. */
const FIND_ALL = createScript(`
local pcall, found = redis.pcall, {}
for index = 1, #KEYS do
  found[index] = pcall('GET', KEYS[index])
end
return found`)

/**
 * Puts a tombstone in the place of the token, or of nothing. `KEEPTTL` keeps the later expiry, be it that of the token or of
 * an earlier revocation.
 */
const REVOKE = createScript(`
local value = redis.call('GET', KEYS[1])
if value and value ~= ARGV[1] and string.sub(value, 1, 6) ~= 'token/' then
  return redis.error_reply('BROKEN the record of a token cannot be read')
end
if redis.call('PTTL', KEYS[1]) > tonumber(ARGV[2]) then
  redis.call('SET', KEYS[1], ARGV[1], 'KEEPTTL')
else
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return 1`)

/**
 * Keeps tokens and revocations in Redis, which forgets them by itself a minute after they expire: there is nothing to sweep.
 * A token and its revocation share one key, so that no failover and no eviction can lose the one and keep the other.
 *
 * @throws TypeError when an option is wrong.
 */
export function createRedisTokenStore(options: RedisExpiringPortOptions): TokenStore {
  const { client, clock = systemClock } = options
  const keys = createKeys(options.prefix)
  const write = runReplicated(client, options.waitReplicas)
  const { set, get } = isOneServer(client) ? together(options) : oneByOne(options)

  return {
    async save(record) {
      await set({
        key: keys.token(record.id),
        value: tokenValue(record),
        lifetime: timeToLive(record.expiresAt, clock),
      })
    },
    async find(id) {
      const value = await get(keys.token(id))
      return value === null ? undefined : readTokenValue(id, value)
    },
    async revoke(id, expiresAt) {
      await REVOKE.run(write, [keys.token(id)], [REVOKED, timeToLive(expiresAt, clock)])
    },
    async isRevoked(id) {
      const value = await get(keys.token(id))
      return value !== null && readTokenValue(id, value) === undefined
    },
  }
}

/** Whatever is asked in one turn is one script. */
function together({ client, waitReplicas = 0 }: RedisExpiringPortOptions) {
  const read = runAtOnceOn(client)
  const write = waitReplicas === 0 ? read : runReplicated(client, waitReplicas)

  const set = inTurns(async (savings: readonly Saving[]) => {
    const values = savings.map(({ value }) => value)
    const lifetimes = savings.map(({ lifetime }) => lifetime)
    await SAVE_ALL.run(
      write,
      savings.map(({ key }) => key),
      [...values, ...lifetimes],
    )
    return savings
  })
  const getAll = inTurns(async (keys: readonly string[]) => {
    const found = await FIND_ALL.run(read, keys, [])
    return Array.isArray(found) ? (found as readonly unknown[]) : []
  })
  return {
    set,
    async get(key: string): Promise<unknown> {
      const value = await getAll(key)
      if (value instanceof Error) throw failureOf('GET', value)
      return value
    },
  }
}

/** In a Cluster the keys of a script must lie together, and those of two tokens do not: each is a command. */
function oneByOne({ client, waitReplicas }: RedisExpiringPortOptions) {
  const read = runOn(client)
  const write = runReplicated(client, waitReplicas)
  return {
    set: ({ key, value, lifetime }: Saving) => write('SET', key, value, 'PX', lifetime, 'NX'),
    get: (key: string) => read('GET', key),
  }
}
