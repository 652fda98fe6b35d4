import { STATUS_LIST_SIZE, type StatusIndexes, systemClock } from '@latchkey/core'
import { broken } from './broken.ts'
import { bounded, type RedisCommands } from './commands.ts'
import { nonce } from './digest.ts'
import { createKeys } from './keys.ts'
import type { RedisExpiringPortOptions } from './port-options.ts'
import { runReplicated } from './replicated.ts'
import { createScript } from './script.ts'
import { timeToLive } from './time-to-live.ts'

/** The part of an ioredis client that reading bytes takes: a `Redis` and a `Cluster` both have it. */
export interface RedisByteCommands extends RedisCommands {
  getBuffer(key: string): Promise<unknown>
}

/** What {@link createRedisStatusIndexes} may be given. */
export interface RedisStatusIndexesOptions extends RedisExpiringPortOptions {
  readonly client: RedisByteCommands
}

/** The name of a list and the first place of a block in it. */
const BLOCK = /^(?<list>[A-Za-z0-9_-]{1,64}) (?<first>\d+)$/

/**
 * Takes places in the list that is open, or in a new one where it has not enough of them.
 *
 * KEYS: the hash of the open list. ARGV: how many, the name of a new list, the size of a list.
 */
const TAKE = createScript(`
local list = redis.call('HGET', KEYS[1], 'list')
local reserved = tonumber(redis.call('HGET', KEYS[1], 'reserved') or '0')
if list and not reserved then return redis.error_reply('BROKEN the open list cannot be read') end
if not list or reserved + ARGV[1] > tonumber(ARGV[3]) then
  list = ARGV[2]
  reserved = 0
end
redis.call('HSET', KEYS[1], 'list', list, 'reserved', string.format('%d', reserved + ARGV[1]))
return list .. ' ' .. string.format('%d', reserved)`)

/**
 * Keeps a list for so long, and longer where a block in it lives longer. One that is gone has outlived all its tokens: it
 * begins again without a bit. KEYS: the list. ARGV: milliseconds.
 */
const KEEP = createScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
elseif redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return 1`)

/** KEYS: the list. ARGV: the bit as Redis counts. A list that is unknown stays so. */
const MARK = createScript(`
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('SETBIT', KEYS[1], ARGV[1], '1') end
return 1`)

/**
 * Keeps lists in Redis, which forgets each a minute after its last token: a string of bits, as long as the last bit that was
 * set needs, 128 KiB at most, and one hash that says where the next places are.
 *
 * @throws TypeError when an option is wrong.
 */
export function createRedisStatusIndexes(options: RedisStatusIndexesOptions): StatusIndexes {
  const { client, clock = systemClock } = options
  const keys = createKeys(options.prefix)
  const write = runReplicated(client, options.waitReplicas)

  return {
    async reserve(count, expiresAt) {
      const taken = await TAKE.run(write, [keys.openStatusList], [count, nonce(), STATUS_LIST_SIZE])
      const { list, first } = blockIn(taken)
      // A block whose list is not kept for it is handed out to nobody.
      await KEEP.run(write, [keys.statusList(list)], [timeToLive(expiresAt, clock)])
      return { list, first }
    },
    async revoke(list, index) {
      await MARK.run(write, [keys.statusList(list)], [bitOf(index)])
    },
    async revoked(list) {
      const bits = await bounded(client, 'GET', () => client.getBuffer(keys.statusList(list)))
      if (bits === null) return undefined
      if (!Buffer.isBuffer(bits) || bits.length > STATUS_LIST_SIZE / 8) throw broken('a list of revoked tokens')
      return new Uint8Array(bits)
    },
  }
}

/** Redis counts the highest bit of a byte first. */
const bitOf = (index: number): number => (index & ~7) | (7 - (index & 7))

function blockIn(taken: unknown): { readonly list: string; readonly first: number } {
  const { list, first } = BLOCK.exec(typeof taken === 'string' ? taken : '')?.groups ?? {}
  if (list === undefined || first === undefined) throw broken('the open list of revoked tokens')
  return { list, first: Number(first) }
}
