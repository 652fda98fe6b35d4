import { describeAdapter } from '@latchkey/adapter-contract/vitest'
import { openAdapter } from '@latchkey/adapter-redis'
import { startRedisSentinel } from '@latchkey/test-backends'
import { afterAll } from 'vitest'

const { name, addresses, stop } = await startRedisSentinel()
afterAll(stop)

const [first, second] = addresses
const url = (parameters: string) => new URL(`redis://${first}?sentinel=${name}&node=${second}&${parameters}`)

describeAdapter('redis sentinel', () => openAdapter(url('prefix=one')))
describeAdapter('redis sentinel, waiting for a replica', () => openAdapter(url('prefix=other&wait_replicas=1')))
