import type { ClusterOptions, RedisOptions } from 'ioredis'
import { Cluster, Redis } from 'ioredis'
import type { RedisAddress } from './redis-address.ts'
import type { RedisClient } from './redis-client.ts'

/** How long a connection and a command may take, in milliseconds. */
const PATIENCE_MILLISECONDS = 1000

/** A connection on which nothing comes for so long after a question is dead, in milliseconds, and made anew. */
const SILENCE_MILLISECONDS = 1500

/** Soon enough that service returns within a second of Redis; jittered, so that nodes do not come back all at once. */
const retryAfter = (times: number): number => Math.min(50 * 2 ** Math.min(times, 5), 1000) * (0.5 + Math.random() / 2)

const CONNECTION = {
  connectionName: 'latchkey',
  // A right that Redis 7.0 does not know, for what the name above says already.
  disableClientInfo: true,
  connectTimeout: PATIENCE_MILLISECONDS,
  commandTimeout: PATIENCE_MILLISECONDS,
  socketTimeout: SILENCE_MILLISECONDS,
  // What was sent and not answered is sent once more on the next connection; nothing else waits for one.
  maxRetriesPerRequest: 1,
} as const satisfies RedisOptions

const CLUSTER = {
  lazyConnect: true,
  enableAutoPipelining: true,
  enableOfflineQueue: false,
  scaleReads: 'master',
  slotsRefreshInterval: 5000,
  slotsRefreshTimeout: PATIENCE_MILLISECONDS,
  clusterRetryStrategy: retryAfter,
} as const satisfies ClusterOptions

/**
 * Connects to what an address names.
 *
 * @throws Error that says why it cannot, and holds no password.
 */
export async function connect(address: RedisAddress): Promise<RedisClient> {
  const client = createClient(address)
  // What goes wrong shows in the commands that it concerns. Without this, ioredis would print it.
  let lastError: unknown
  client.on('error', (error: unknown) => {
    lastError = error
  })
  try {
    await withinStart(client.connect())
    return client
  } catch (error) {
    client.disconnect()
    const { host, port } = address.nodes[0]
    throw new Error(`cannot connect to Redis at ${host}:${port}: ${reasonOf(lastError ?? error)}`)
  }
}

/** Of a Cluster ioredis tells that no node would do, and why beside it. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it failed'
  return 'lastNodeError' in error && error.lastNodeError instanceof Error ? error.lastNodeError.message : error.message
}

function createClient({ topology, nodes, tls, username, password, database }: RedisAddress): RedisClient {
  const common = {
    ...CONNECTION,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: {} }),
  }
  if (topology === 'cluster') return new Cluster([...nodes], { ...CLUSTER, redisOptions: common })
  const single = { ...common, db: database, lazyConnect: true, enableAutoPipelining: true, enableOfflineQueue: false }
  if (topology === 'standalone') return new Redis({ ...single, ...nodes[0], retryStrategy: retryAfter })
  return new Redis({
    ...single,
    sentinels: [...nodes],
    name: topology.sentinelName,
    enableTLSForSentinelMode: tls,
    sentinelCommandTimeout: PATIENCE_MILLISECONDS,
    sentinelRetryStrategy: retryAfter,
    failoverDetector: true,
    retryStrategy: retryAfter,
    // A primary that was demoted refuses writes: the next connection goes to the new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  })
}

/** How long the first connection may take, in milliseconds: through Sentinel it takes several. */
const START_MILLISECONDS = 5000

async function withinStart(connecting: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it does not answer')), START_MILLISECONDS)
  })
  try {
    await Promise.race([connecting, late])
  } finally {
    clearTimeout(timer)
  }
}
