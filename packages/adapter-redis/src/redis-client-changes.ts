import type { ClientChanges } from '@latchkey/core'
import { failureOf } from './commands.ts'
import { createKeys } from './keys.ts'
import type { RedisClient } from './redis-client.ts'
import { createSubscription } from './subscription.ts'

/** What {@link createRedisClientChanges} may be given. */
export interface RedisClientChangesOptions {
  /** A ready client, from which each subscription makes a connection of its own. */
  readonly client: RedisClient
  /** That of the registry. `latchkey` unless given. */
  readonly prefix?: string
}

/**
 * Tells of the changes that any node made through a registry in Redis. A connection that breaks, or falls silent, is made
 * anew, and `all` is told once it is.
 *
 * @throws TypeError when the prefix is wrong.
 */
export function createRedisClientChanges({ client, prefix }: RedisClientChangesOptions): ClientChanges {
  const keys = createKeys(prefix)
  return {
    async subscribe(onChange) {
      const subscription = createSubscription({ client, keys, onChange })
      try {
        await subscription.start()
      } catch (error) {
        await subscription.stop()
        throw failureOf('SUBSCRIBE', error)
      }
      return subscription.stop
    },
  }
}
