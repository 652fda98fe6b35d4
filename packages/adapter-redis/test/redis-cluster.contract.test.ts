import { describeAdapter } from '@latchkey/adapter-contract/vitest'
import { openAdapter } from '@latchkey/adapter-redis'
import { startRedisCluster } from '@latchkey/test-backends'
import { Redis } from 'ioredis'
import { afterAll } from 'vitest'
import { documentedUser } from './documented-rights.ts'

const cluster = await startRedisCluster()
afterAll(() => cluster.stop())

/** By two of its nodes: it tells of the others itself. */
const [first, second] = cluster.addresses
const url = (parameters: string) => new URL(`redis://${first}?cluster=true&node=${second}&${parameters}`)

await Promise.all(
  cluster.nodes.map(async (node) => {
    const redis = new Redis(node.port)
    const [, ...user] = documentedUser(['+cluster|slots', '+cluster|info', '+wait']).split(' ')
    await redis.call('ACL', 'SETUSER', ...user)
    await redis.quit()
  }),
)

describeAdapter('redis cluster', () => openAdapter(url('prefix=one')))
describeAdapter('redis cluster, waiting for a replica', () => openAdapter(url('prefix=other&wait_replicas=1')))
describeAdapter('redis cluster, as the documented user', () => {
  const address = url('wait_replicas=1')
  address.username = 'latchkey'
  address.password = 'password'
  return openAdapter(address)
})
