import type { Client } from './domain/client.ts'
import { readableClient } from './domain/readable-records.ts'
import type { ClientChanges, Unsubscribe } from './ports/client-changes.ts'
import type { ClientRegistry } from './ports/client-registry.ts'
import type { ClientRepository } from './ports/client-repository.ts'
import { createRecentAnswers, DEFAULT_CACHE_CAPACITY, positive } from './recent-answers.ts'

/** What {@link createCachedClients} takes. Only the first must be given. */
export interface CachedClientsOptions {
  readonly clients: ClientRepository
  /** Tells of changes by others, so that they are seen before the bound. */
  readonly changes?: ClientChanges | undefined
  /** How long a client is believed while changes are told, in seconds: what counts when a notice is lost. 5 by default. */
  readonly maxAgeSeconds?: number | undefined
  /** How long a client is believed while changes are not told, in seconds. 1 by default. */
  readonly maxAgeWithoutChangesSeconds?: number | undefined
  /** How many clients it holds at most. 10 000 by default. */
  readonly capacity?: number | undefined
  /** Hears whether changes are told, whenever that turns out anew; `reason` says why they are not. */
  readonly onSubscription?: ((isTold: boolean, reason: string) => void) | undefined
}

/** Clients as they were a moment ago, found without asking the backend. */
export interface CachedClients extends ClientRepository {
  /** Forgets a client, or `all` of them: what is known, and what is being looked up. */
  forget(id: string): void
  /** Hears of no changes any more, and remembers nothing from now on. Never rejects. Idempotent. */
  close(): Promise<void>
}

/** How long a client is believed where nothing else is said, in seconds: while changes are told, and while they are not. */
export const DEFAULT_CLIENT_MAX_AGE = 5
export const DEFAULT_CLIENT_MAX_AGE_WITHOUT_CHANGES = 1

const SUBSCRIBE_AGAIN_AFTER_MS = 1_000

/**
 * Puts a cache in front of clients. Those who ask for one client at a time share one look-up. A look-up that began before
 * a change was told is made again, and nobody is given what it found. Age counts from the moment at which a look-up began.
 * Failures are not remembered; that there is no such client is, for a second at most.
 *
 * @throws TypeError that names the option which is wrong.
 */
export function createCachedClients(options: CachedClientsOptions): CachedClients {
  const { clients, changes } = options
  const capacity = positive('capacity', options.capacity ?? DEFAULT_CACHE_CAPACITY)
  const maxAge = 1000 * positive('maxAgeSeconds', options.maxAgeSeconds ?? DEFAULT_CLIENT_MAX_AGE)
  const maxAgeWithoutChanges =
    1000 *
    positive(
      'maxAgeWithoutChangesSeconds',
      options.maxAgeWithoutChangesSeconds ?? DEFAULT_CLIENT_MAX_AGE_WITHOUT_CHANGES,
    )
  const answers = createRecentAnswers<Client>({
    ask: (id) => clients.find(id),
    readable: readableClient,
    capacity,
    maxAgeMs: maxAgeWithoutChanges,
  })
  const forget = (id: string): void => (id === 'all' ? answers.forgetAll() : answers.forget(id))

  const unsubscribe =
    changes &&
    keepSubscribed(changes, forget, (isTold, reason) => {
      answers.believeFor(isTold ? maxAge : maxAgeWithoutChanges)
      // Whatever changed before, nobody told of it.
      answers.forgetAll()
      options.onSubscription?.(isTold, reason)
    })

  return {
    find: answers.find,
    forget,
    async close() {
      answers.close()
      await unsubscribe?.()
    },
  }
}

/**
 * The registry beside a cache, for those who change clients: it asks the backend itself, and the cache forgets at once
 * what was changed by it.
 */
export function forgettingWrites(clients: ClientRegistry, cache: Pick<CachedClients, 'forget'>): ClientRegistry {
  async function write(id: string, change: () => Promise<boolean>): Promise<boolean> {
    try {
      return await change()
    } finally {
      // After a failure too: the backend may have done it all the same.
      cache.forget(id)
    }
  }
  return {
    find: (id) => clients.find(id),
    list: (page) => clients.list(page),
    add: (client) => write(client.id, () => clients.add(client)),
    replace: (client, expectedVersion) => write(client.id, () => clients.replace(client, expectedVersion)),
    remove: (id) => write(id, () => clients.remove(id)),
  }
}

/** Subscribes, and tries again for as long as that fails. */
function keepSubscribed(
  changes: ClientChanges,
  onChange: (id: string) => void,
  onTurn: (isTold: boolean, reason: string) => void,
): Unsubscribe {
  let isOver = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let unsubscribe: Unsubscribe | undefined
  let lastReason: string | undefined

  async function subscribe(): Promise<void> {
    try {
      const leave = await changes.subscribe(onChange)
      // It was over before it began: nobody waits for this.
      if (isOver) return await leave()
      unsubscribe = leave
      onTurn(true, '')
    } catch (error) {
      if (isOver) return
      const reason = error instanceof Error ? error.message : 'the backend failed'
      if (reason !== lastReason) onTurn(false, reason)
      lastReason = reason
      timer = setTimeout(() => void subscribe(), SUBSCRIBE_AGAIN_AFTER_MS)
      timer.unref()
    }
  }
  void subscribe()

  return async () => {
    isOver = true
    clearTimeout(timer)
    // The backend is about to be closed anyway.
    await unsubscribe?.().catch(() => undefined)
  }
}
