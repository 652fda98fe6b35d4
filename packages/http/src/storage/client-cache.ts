import {
  createCachedClients,
  createCachedResources,
  DEFAULT_CLIENT_MAX_AGE,
  DEFAULT_CLIENT_MAX_AGE_WITHOUT_CHANGES,
  forgettingResourceWrites,
  forgettingWrites,
} from '@latchkey/core'
import type { Config } from '../config/config.ts'
import type { Log } from '../log/log.ts'
import type { Storage } from './storage.ts'

/** What {@link withClientCache} takes. */
export interface ClientCacheDeps {
  readonly config: Pick<Config, 'clientCacheTtl'>
  readonly log: Log
}

/** For how long a change by another node may go unseen, in seconds, when no notice of it arrives. */
export const clientCacheBound = ({ clientCacheTtl = DEFAULT_CLIENT_MAX_AGE }: Pick<Config, 'clientCacheTtl'>): number =>
  clientCacheTtl

/**
 * Puts caches of clients and resources between requests and the client storage, unless it is turned off or the clients are in this process anyway.
 * Whether changes are told is logged when it turns out and when it turns.
 */
export function withClientCache(storage: Storage, { config: { clientCacheTtl }, log }: ClientCacheDeps): Storage {
  if (clientCacheTtl === 0 || storage.forgetsClients) return storage
  const maxAgeWithoutChanges = clientCacheTtl ?? DEFAULT_CLIENT_MAX_AGE_WITHOUT_CHANGES
  let wasTold = true
  const cache = createCachedClients({
    clients: storage.clients,
    changes: storage.clientChanges,
    maxAgeSeconds: clientCacheTtl,
    maxAgeWithoutChangesSeconds: maxAgeWithoutChanges,
    onSubscription(isTold, reason) {
      if (!isTold) log.warn({ event: 'client_changes_not_told', reason, seenWithinSeconds: maxAgeWithoutChanges })
      else if (!wasTold) log.info({ event: 'client_changes_told_again' })
      wasTold = isTold
    },
  })
  return {
    ...storage,
    ...withCachedResources(storage.resources, clientCacheTtl),
    clients: forgettingWrites(storage.clients, cache),
    requestClients: cache,
    async close() {
      await cache.close()
      await storage.close()
    },
  }
}

/** Nobody tells of resources that other nodes changed: each is believed for as long as clients are where nobody tells either. */
function withCachedResources(
  resources: Storage['resources'],
  maxAgeSeconds: number | undefined,
): Pick<Storage, 'resources' | 'requestResources'> {
  if (resources === undefined) return { resources, requestResources: undefined }
  const cache = createCachedResources({ resources, maxAgeSeconds })
  return { resources: forgettingResourceWrites(resources, cache), requestResources: cache }
}
