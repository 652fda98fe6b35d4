import { openAdapterContract } from '@latchkey/adapter-contract'
import { describeAdapter, describeContract } from '@latchkey/adapter-contract/vitest'
import { openAdapter } from '@latchkey/adapter-memory'

const url = new URL('memory:')

describeAdapter('memory', () => openAdapter(url))
describeContract('the address of memory', openAdapterContract, () => ({ openAdapter, url }))
