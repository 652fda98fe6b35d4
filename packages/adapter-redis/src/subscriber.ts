import type { Redis } from 'ioredis'
import type { RedisClient } from './redis-client.ts'
import { isCluster } from './redis-client.ts'

/** In milliseconds: longer than a live server takes. */
const PATIENCE_MILLISECONDS = 1000

/** What a connection for subscriptions has that others have not: it never comes back by itself, nor keeps anything. */
const ONCE = {
  lazyConnect: true,
  retryStrategy: () => null,
  sentinelRetryStrategy: () => null,
  reconnectOnError: null,
  enableOfflineQueue: false,
  enableAutoPipelining: false,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: PATIENCE_MILLISECONDS,
  commandTimeout: PATIENCE_MILLISECONDS,
} as const

/**
 * Opens a connection of its own beside a client and subscribes it. In a Cluster any node will do: what is published on one
 * is told on all.
 *
 * @throws Error when it cannot connect or may not subscribe.
 */
export async function openSubscriber(
  client: RedisClient,
  channels: readonly string[],
  onMessage: (channel: string, message: string) => void,
): Promise<Redis> {
  const subscriber = nodeOf(client).duplicate(ONCE)
  // What goes wrong shows in the promises, and in its end.
  subscriber.on('error', () => undefined)
  subscriber.on('message', onMessage)
  try {
    await subscriber.connect()
    await subscriber.subscribe(...channels)
    return subscriber
  } catch (error) {
    subscriber.disconnect()
    throw error
  }
}

function nodeOf(client: RedisClient): Redis {
  if (!isCluster(client)) return client
  const nodes = client.nodes('master')
  const node = nodes[Math.floor(Math.random() * nodes.length)]
  if (node === undefined) throw new Error('no node of the Cluster is known')
  return node
}
