import { openAdapterContract } from '@latchkey/adapter-contract'
import { describeAdapter, describeContract } from '@latchkey/adapter-contract/vitest'
import { openAdapter } from '@latchkey/adapter-postgres'
import { afterAll } from 'vitest'
import { createTestSchema } from './database.ts'

// Under two names at once, as two services on one database would be.
const [one, other] = await Promise.all([createTestSchema('contract'), createTestSchema('another_contract')])
afterAll(async () => {
  await one.drop()
  await other.drop()
})

describeAdapter('postgres', () => openAdapter(one.url({ sweep_interval: '0' })))
describeAdapter('postgres in another schema', () => openAdapter(other.url({ sweep_interval: '0', prepare: 'false' })))
describeContract('the address of postgres', openAdapterContract, () => ({ openAdapter, url: one.url() }))
