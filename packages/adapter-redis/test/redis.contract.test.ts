import { openAdapterContract } from '@latchkey/adapter-contract'
import { describeAdapter, describeContract } from '@latchkey/adapter-contract/vitest'
import { openAdapter } from '@latchkey/adapter-redis'
import { afterAll } from 'vitest'
import { forget, freshPrefix, sharedRedis, sharedRedisUrl } from './shared-redis.ts'

const prefix = freshPrefix('contract')
const url = sharedRedisUrl({ prefix })

afterAll(async () => {
  const redis = sharedRedis()
  await forget(redis, prefix)
  await redis.quit()
})

describeAdapter('redis', () => openAdapter(url))
describeContract('the address of redis', openAdapterContract, () => ({ openAdapter, url }))
