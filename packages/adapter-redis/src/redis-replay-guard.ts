import type { ReplayGuard } from '@latchkey/core'
import { systemClock } from '@latchkey/core'
import { broken } from './broken.ts'
import { nonce } from './digest.ts'
import { createKeys } from './keys.ts'
import type { RedisExpiringPortOptions } from './port-options.ts'
import { runReplicated } from './replicated.ts'
import { timeToLive } from './time-to-live.ts'

const MARK = 'claim/1:'

/**
 * Keeps claims in Redis, which forgets them by itself a minute after they expire.
 *
 * Each claim is written as a value of its own: a command that the client sent again, since the answer to the first was lost,
 * finds its own value and knows that it has won.
 *
 * @throws TypeError when an option is wrong.
 */
export function createRedisReplayGuard(options: RedisExpiringPortOptions): ReplayGuard {
  const { client, clock = systemClock } = options
  const keys = createKeys(options.prefix)
  const write = runReplicated(client, options.waitReplicas)

  return {
    async claim(key, expiresAt) {
      const mine = MARK + nonce()
      const before = await write('SET', keys.claim(key), mine, 'PX', timeToLive(expiresAt, clock), 'NX', 'GET')
      if (before === null || before === mine) return true
      if (typeof before === 'string' && before.startsWith(MARK)) return false
      throw broken('a claim')
    },
  }
}
