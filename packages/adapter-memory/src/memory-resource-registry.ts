import type { Resource, ResourceRegistry } from '@latchkey/core'
import { checkedCapacity } from './capacity.ts'
import { frozenCopy } from './frozen-copy.ts'

/** What {@link createMemoryResourceRegistry} may be given. */
export interface MemoryResourceRegistryOptions {
  /** How many resources it holds at most. 10 000 unless given. */
  readonly capacity?: number
}

/**
 * Keeps resources in this process, until it ends. What is found is frozen. When it is full, `add` throws.
 *
 * @throws TypeError when the capacity is no whole number above 0.
 */
export function createMemoryResourceRegistry({
  capacity = 10_000,
}: MemoryResourceRegistryOptions = {}): ResourceRegistry {
  checkedCapacity('capacity', capacity)
  const resources = new Map<string, Resource>()

  return {
    async find(identifier) {
      return resources.get(identifier)
    },
    async add(resource) {
      if (resources.has(resource.identifier)) return false
      if (resources.size >= capacity) throw new Error(`the memory is full: it holds ${capacity} resources`)
      resources.set(resource.identifier, frozenCopy(resource))
      return true
    },
    async replace(resource, expectedVersion) {
      if (resources.get(resource.identifier)?.version !== expectedVersion) return false
      resources.set(resource.identifier, frozenCopy({ ...resource, version: expectedVersion + 1 }))
      return true
    },
    async remove(identifier) {
      return resources.delete(identifier)
    },
    async list() {
      return [...resources.keys()].sort().map((identifier) => resources.get(identifier) as Resource)
    },
  }
}
