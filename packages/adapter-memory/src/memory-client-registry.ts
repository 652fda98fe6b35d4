import type { Client, ClientRegistry } from '@latchkey/core'
import { checkedCapacity } from './capacity.ts'
import { frozenCopy } from './frozen-copy.ts'

/** What {@link createMemoryClientRegistry} may be given. */
export interface MemoryClientRegistryOptions {
  /** How many clients it holds at most. 100 000 unless given. */
  readonly capacity?: number
}

/**
 * Keeps clients in this process, until it ends. What is found is frozen. When it is full, `add` throws.
 *
 * @throws TypeError when the capacity is no whole number above 0.
 */
export function createMemoryClientRegistry({ capacity = 100_000 }: MemoryClientRegistryOptions = {}): ClientRegistry {
  checkedCapacity('capacity', capacity)
  const clients = new Map<string, Client>()
  /** Sorted when a list is asked for, and again only after an id came or went. */
  let sortedIds: readonly string[] | undefined

  return {
    async find(id) {
      return clients.get(id)
    },
    async add(client) {
      if (clients.has(client.id)) return false
      if (clients.size >= capacity) throw new Error(`the memory is full: it holds ${capacity} clients`)
      clients.set(client.id, frozenCopy(client))
      sortedIds = undefined
      return true
    },
    async replace(client, expectedVersion) {
      if (clients.get(client.id)?.version !== expectedVersion) return false
      clients.set(client.id, frozenCopy({ ...client, version: expectedVersion + 1 }))
      return true
    },
    async remove(id) {
      sortedIds = undefined
      return clients.delete(id)
    },
    async list({ after, limit }) {
      sortedIds ??= [...clients.keys()].sort()
      const start = after === undefined ? 0 : indexAbove(sortedIds, after)
      const ids = sortedIds.slice(start, start + limit)
      const page = { clients: ids.map((id) => clients.get(id) as Client) }
      const last = ids.at(-1)
      return last === undefined || start + limit >= sortedIds.length ? page : { ...page, next: last }
    },
  }
}

/** Where the first id above `after` stands. */
function indexAbove(sortedIds: readonly string[], after: string): number {
  let [low, high] = [0, sortedIds.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sortedIds[middle] as string) > after) high = middle
    else low = middle + 1
  }
  return low
}
