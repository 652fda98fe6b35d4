import type {
  ClientRepositorySubject,
  OpenAdapterSubject,
  OpenFirstNodes,
  ResourceRepositorySubject,
} from '@latchkey/adapter-contract'
import type { Adapter } from '@latchkey/core'
import { createHonestAdapter } from './honest-adapter.ts'

/** A repository as an embedding program has one: read by the server, written by something else. */
export function honestRepository(): ClientRepositorySubject {
  const { clients } = createHonestAdapter()
  return {
    clients,
    async put(client) {
      await clients.remove(client.id)
      await clients.add(client)
    },
  }
}

/** The same for resources. */
export function honestResourceRepository(): ResourceRepositorySubject {
  const { resources } = createHonestAdapter()
  return {
    resources,
    async put(resource) {
      await resources.remove(resource.identifier)
      await resources.add(resource)
    },
  }
}

export const honestOpenAdapter: OpenAdapterSubject = {
  url: new URL('honest://user:secret@localhost/store?known=1'),
  async openAdapter(url) {
    for (const name of url.searchParams.keys()) if (name !== 'known') throw new Error(`unknown parameter "${name}"`)
    return createHonestAdapter()
  },
}

/** Every node that opens it meets the others on one backend. */
export function honestNodes(): () => Promise<Adapter> {
  const backend = createHonestAdapter()
  return async () => ({ ...backend })
}

export const honestFirstNodes: OpenFirstNodes = async () => {
  const backend = createHonestAdapter()
  return [{ ...backend }, { ...backend }]
}
