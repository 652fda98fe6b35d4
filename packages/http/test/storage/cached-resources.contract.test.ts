import { resourceRegistryContract, resourceRepositoryContract } from '@latchkey/adapter-contract'
import { describeContract } from '@latchkey/adapter-contract/vitest'
import { createMemoryAdapter } from '@latchkey/adapter-memory'
import { createCachedResources, forgettingResourceWrites, type Resource } from '@latchkey/core'

const { resources } = createMemoryAdapter()
const cache = createCachedResources({ resources, maxAgeSeconds: 60 })
const registry = forgettingResourceWrites(resources, cache)

async function put(resource: Resource): Promise<void> {
  const known = await registry.find(resource.identifier)
  if (known === undefined) await registry.add(resource)
  else await registry.replace(resource, known.version)
}

// What is found by the cache is held to the promises of what is behind it, writes through the registry included.
describeContract('cached resources', resourceRepositoryContract, () => ({ resources: cache, put }))
describeContract('a registry beside cached resources', resourceRegistryContract, () => ({
  ...registry,
  find: cache.find,
}))
