import type { TokenStore } from '@latchkey/core'
import { systemClock } from '@latchkey/core'
import { runOn } from './commands.ts'
import { createKeys } from './keys.ts'
import type { RedisExpiringPortOptions } from './port-options.ts'
import { runReplicated } from './replicated.ts'
import { createScript } from './script.ts'
import { timeToLive } from './time-to-live.ts'
import { REVOKED, readTokenValue, tokenValue } from './token-value.ts'

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
  const read = runOn(client)
  const write = runReplicated(client, options.waitReplicas)

  return {
    async save(record) {
      const lifetime = timeToLive(record.expiresAt, clock)
      await write('SET', keys.token(record.id), tokenValue(record), 'PX', lifetime, 'NX')
    },
    async find(id) {
      const value = await read('GET', keys.token(id))
      return value === null ? undefined : readTokenValue(id, value)
    },
    async revoke(id, expiresAt) {
      await REVOKE.run(write, [keys.token(id)], [REVOKED, timeToLive(expiresAt, clock)])
    },
    async isRevoked(id) {
      const value = await read('GET', keys.token(id))
      return value !== null && readTokenValue(id, value) === undefined
    },
  }
}
