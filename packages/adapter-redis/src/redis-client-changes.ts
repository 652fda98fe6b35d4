import type { ClientChanges } from '@latchkey/core'
import { failureOf } from './commands.ts'
import { createKeys } from './keys.ts'
import type { RedisClient } from './redis-client.ts'
import type { Subscription } from './subscription.ts'
import { createSubscription } from './subscription.ts'

/** What {@link createRedisClientChanges} may be given. */
export interface RedisClientChangesOptions {
  /** A ready client, from which each subscription makes a connection of its own. */
  readonly client: RedisClient
  /** That of the registry. `latchkey` unless given. */
  readonly prefix?: string
}

/** Changes whose subscriptions can all be ended at once. */
export interface EndableClientChanges extends ClientChanges {
  /** Ends every subscription, and those that are just being made. */
  end(): Promise<void>
}

/**
 * Tells of the changes that any node made through a registry in Redis. A connection that breaks, or falls silent, is made
 * anew, and `all` is told once it is.
 *
 * @throws TypeError when the prefix is wrong.
 */
export function createRedisClientChanges(options: RedisClientChangesOptions): ClientChanges {
  const { subscribe } = createEndableClientChanges(options)
  return { subscribe }
}

/** The same, for who closes the client. */
export function createEndableClientChanges({ client, prefix }: RedisClientChangesOptions): EndableClientChanges {
  const keys = createKeys(prefix)
  const subscriptions = new Set<Subscription>()

  async function stop(subscription: Subscription): Promise<void> {
    await subscription.stop()
    subscriptions.delete(subscription)
  }

  return {
    async subscribe(onChange) {
      const subscription = createSubscription({ client, keys, onChange })
      subscriptions.add(subscription)
      try {
        await subscription.start()
      } catch (error) {
        await stop(subscription)
        throw failureOf('SUBSCRIBE', error)
      }
      return () => stop(subscription)
    },
    async end() {
      await Promise.all([...subscriptions].map(stop))
    },
  }
}
