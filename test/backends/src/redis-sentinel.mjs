import { askRedis } from './answers.mjs'
import { until } from './redis-cluster.mjs'
import { startRedis } from './redis-server.mjs'

const SENTINELS = 3
const QUORUM = 2

/**
 * A master, a replica, and three Sentinels that watch them. They make the replica a master when they have not heard of the
 * master for a second.
 *
 * @param {{ readonly name?: string, readonly config?: Readonly<Record<string, string>> }} [options]
 */
export async function startRedisSentinel({ name = 'latchkey', config = {} } = {}) {
  /** @type {import('./redis-server.mjs').RedisServer[]} */
  const started = []
  const keep = async (/** @type {Parameters<typeof startRedis>[0]} */ options) => {
    const server = await startRedis(options)
    started.push(server)
    return server
  }
  const stop = async () => {
    // The Sentinels first: they would act on the end of the others.
    for (const server of started.toReversed()) await server.stop()
  }
  try {
    const master = await keep({ config: { 'repl-diskless-sync-delay': '0', ...config } })
    const replica = await keep({ config: { replicaof: `127.0.0.1 ${master.port}`, ...config } })
    const watch = {
      'sentinel monitor': `${name} 127.0.0.1 ${master.port} ${QUORUM}`,
      'sentinel down-after-milliseconds': `${name} 1000`,
      'sentinel failover-timeout': `${name} 5000`,
    }
    const sentinels = await Promise.all(
      Array.from({ length: SENTINELS }, () => keep({ config: watch, sentinel: true })),
    )
    await until('the Sentinels know the replica and one another', async () => {
      const told = await Promise.all(sentinels.map(({ port }) => askRedis(port, 'INFO', 'sentinel')))
      return told.every((text) => text.includes(`status=ok`) && text.includes(`slaves=1,sentinels=${SENTINELS}`))
    })
    return { name, master, replica, sentinels, addresses: sentinels.map(({ port }) => `127.0.0.1:${port}`), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
