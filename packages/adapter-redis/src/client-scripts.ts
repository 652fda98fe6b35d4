import { CLIENT_VALUE_PATTERN } from './client-value.ts'
import type { Script } from './script.ts'
import { createScript } from './script.ts'

/**
 * Each reads whatever may be broken before it writes anything, since Redis takes nothing back; and tells of the change
 * before it makes it, which nobody can see in between. One that was sent again, since the answer to the first was lost,
 * knows by its call that it has won.
 */

/** KEYS: client, ids. ARGV: value, call, id, channel. */
export const ADD: Script = createScript(`
local value = redis.call('GET', KEYS[1])
redis.call('ZSCORE', KEYS[2], ARGV[3])
if value then
  local version, call = string.match(value, '${CLIENT_VALUE_PATTERN}')
  if not version then return redis.error_reply('BROKEN the record of a client cannot be read') end
  return call == ARGV[2] and 1 or 0
end
redis.call('PUBLISH', ARGV[4], ARGV[3])
redis.call('SET', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], 0, ARGV[3])
return 1`)

/** KEYS: client. ARGV: value, call, id, channel, expected version. */
export const REPLACE: Script = createScript(`
local value = redis.call('GET', KEYS[1])
if not value then return 0 end
local version, call = string.match(value, '${CLIENT_VALUE_PATTERN}')
if not version then return redis.error_reply('BROKEN the record of a client cannot be read') end
if call == ARGV[2] then return 1 end
if version ~= ARGV[5] then return 0 end
redis.call('PUBLISH', ARGV[4], ARGV[3])
redis.call('SET', KEYS[1], ARGV[1])
return 1`)

/** KEYS: client, ids, removal, uses. ARGV: call, id, channel. A record that cannot be read can be removed all the same. */
export const REMOVE: Script = createScript(`
if redis.call('GET', KEYS[3]) == ARGV[1] then return 1 end
redis.call('ZSCORE', KEYS[2], ARGV[2])
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('PUBLISH', ARGV[3], ARGV[2])
redis.call('SET', KEYS[3], ARGV[1], 'EX', 60)
redis.call('DEL', KEYS[1], KEYS[4])
redis.call('ZREM', KEYS[2], ARGV[2])
return 1`)
