import { readableResource } from './domain/readable-records.ts'
import type { Resource } from './domain/resource.ts'
import type { ResourceRegistry } from './ports/resource-registry.ts'
import type { ResourceRepository } from './ports/resource-repository.ts'
import { createRecentAnswers, DEFAULT_CACHE_CAPACITY, positive } from './recent-answers.ts'

/** What {@link createCachedResources} takes. Only the first must be given. */
export interface CachedResourcesOptions {
  readonly resources: ResourceRepository
  /** How long a resource is believed, in seconds. 1 by default: nobody tells of changes by others. */
  readonly maxAgeSeconds?: number | undefined
  /** How many resources it holds at most. 10 000 by default. */
  readonly capacity?: number | undefined
}

/** Resources as they were a moment ago, found without asking the backend. */
export interface CachedResources extends ResourceRepository {
  /** Forgets a resource: what is known, and what is being looked up. */
  forget(identifier: string): void
}

/** How long a resource is believed where nothing else is said, in seconds. */
export const DEFAULT_RESOURCE_MAX_AGE = 1

/**
 * Puts a cache in front of resources. Those who ask for one at a time share one look-up. Age counts from the moment at which
 * a look-up began. Failures are not remembered; that there is no such resource is, for a second at most.
 *
 * @throws TypeError that names the option which is wrong.
 */
export function createCachedResources({
  resources,
  maxAgeSeconds = DEFAULT_RESOURCE_MAX_AGE,
  capacity = DEFAULT_CACHE_CAPACITY,
}: CachedResourcesOptions): CachedResources {
  const { find, forget } = createRecentAnswers<Resource>({
    ask: (identifier) => resources.find(identifier),
    readable: readableResource,
    capacity: positive('capacity', capacity),
    maxAgeMs: 1000 * positive('maxAgeSeconds', maxAgeSeconds),
  })
  return { find, forget }
}

/**
 * The registry beside a cache, for those who change resources: it asks the backend itself, and the cache forgets at once what
 * was changed by it.
 */
export function forgettingResourceWrites(
  resources: ResourceRegistry,
  cache: Pick<CachedResources, 'forget'>,
): ResourceRegistry {
  async function write(identifier: string, change: () => Promise<boolean>): Promise<boolean> {
    try {
      return await change()
    } finally {
      // After a failure too: the backend may have done it all the same.
      cache.forget(identifier)
    }
  }
  return {
    find: (identifier) => resources.find(identifier),
    list: () => resources.list(),
    add: (resource) => write(resource.identifier, () => resources.add(resource)),
    replace: (resource, expectedVersion) =>
      write(resource.identifier, () => resources.replace(resource, expectedVersion)),
    remove: (identifier) => write(identifier, () => resources.remove(identifier)),
  }
}
