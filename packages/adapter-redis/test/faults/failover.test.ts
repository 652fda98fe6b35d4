import { openAdapter } from '@latchkey/adapter-redis'
import type { Adapter } from '@latchkey/core'
import { startRedisCluster, startRedisSentinel } from '@latchkey/test-backends'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { lossesOf, NOTHING_LOST, startLoad, told } from './load.ts'
import { until } from './until.ts'

const EACH_SIDE = 1000

interface Server {
  readonly port: number
  kill(): Promise<void>
  start(): Promise<void>
}

/** @throws Error until a replica has taken the place of its primary. */
async function isPrimary({ port }: Server): Promise<void> {
  const redis = new Redis(port)
  try {
    expect(await redis.info('replication')).toContain('role:master')
  } finally {
    redis.disconnect()
  }
}

/** Kills a primary under load. Its replica takes its place; it comes back as the replica of that one. */
async function failOver(title: string, url: URL, primary: Server, replica: Server): Promise<void> {
  const adapter = (await openAdapter(url)) as Required<Adapter>
  try {
    const load = startLoad(adapter)
    await load.untilMore(EACH_SIDE)
    await primary.kill()
    await until(() => isPrimary(replica))
    await primary.start()
    await load.untilMore(EACH_SIDE)
    const acknowledged = await load.stop()
    const losses = await lossesOf(adapter, acknowledged)
    console.log(told(title, acknowledged, losses))
    expect(losses).toEqual(NOTHING_LOST)
    await adapter.check()
  } finally {
    await adapter.close()
  }
}

it('loses nothing that it acknowledged when Sentinel replaces the primary, with wait_replicas=1', async () => {
  const { name, master, replica, addresses, stop } = await startRedisSentinel()
  try {
    const [first, second, third] = addresses
    const url = new URL(`redis://${first}?sentinel=${name}&node=${second}&node=${third}&wait_replicas=1`)
    await failOver('redis sentinel, primary killed, wait_replicas=1', url, master, replica)
  } finally {
    await stop()
  }
})

it('loses nothing that it acknowledged when a Cluster replaces a primary, with wait_replicas=1', async () => {
  const { addresses, nodes, stop } = await startRedisCluster()
  try {
    const [, second, third] = addresses
    const [primary, replica] = [nodes[0], nodes[3]]
    if (primary === undefined || replica === undefined) throw new Error('the Cluster has too few nodes')
    const url = new URL(`redis://${second}?cluster=true&node=${third}&wait_replicas=1`)
    await failOver('redis cluster, primary killed, wait_replicas=1', url, primary, replica)
  } finally {
    await stop()
  }
})
