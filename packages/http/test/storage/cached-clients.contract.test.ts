import { clientRegistryContract, clientRepositoryContract } from '@latchkey/adapter-contract'
import { describeContract } from '@latchkey/adapter-contract/vitest'
import { createMemoryAdapter } from '@latchkey/adapter-memory'
import { type Client, createCachedClients, forgettingWrites } from '@latchkey/core'

const { clients } = createMemoryAdapter()
const cache = createCachedClients({ clients, maxAgeSeconds: 60, maxAgeWithoutChangesSeconds: 60 })
const registry = forgettingWrites(clients, cache)

async function put(client: Client): Promise<void> {
  const known = await registry.find(client.id)
  if (known === undefined) await registry.add(client)
  else await registry.replace(client, known.version)
}

// What is found by the cache is held to the promises of what is behind it, writes through the registry included.
describeContract('cached clients', clientRepositoryContract, () => ({ clients: cache, put }))
describeContract('a registry beside cached clients', clientRegistryContract, () => ({ ...registry, find: cache.find }))
