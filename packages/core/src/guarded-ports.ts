import { createDeadline } from './deadline.ts'
import { CLIENT_ID_PATTERN } from './domain/client.ts'
import { readableClient, readableToken } from './domain/readable-records.ts'
import { OAuthError } from './errors.ts'
import type { ClientRepository } from './ports/client-repository.ts'
import type { TokenStore } from './ports/token-store.ts'

/** A backend that has not answered by then is away, whatever its connection says: the client gets its 503 within three seconds. */
const withinTime = createDeadline(2500)

/** How long a client should wait for a backend to come back, in seconds. */
const RETRY_AFTER_SECONDS = 2

/**
 * Turns whatever a port throws into `temporarily_unavailable`, in one place, so that no endpoint can mistake a backend
 * that is away for a token that is unknown.
 */
async function fromBackend<T>(port: string, call: () => Promise<T>): Promise<T> {
  try {
    return await withinTime(call)
  } catch (cause) {
    throw new OAuthError('temporarily_unavailable', 'try again in a moment', {
      reason: `${port} failed: ${cause instanceof Error ? cause.message : 'it threw what is no error'}`,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause,
    })
  }
}

/** A repository that is asked only for ids that can be registered, and whose broken records are failures. */
export const guardClients = (clients: ClientRepository): ClientRepository => ({
  find: async (id) =>
    CLIENT_ID_PATTERN.test(id)
      ? fromBackend('ClientRepository.find', async () => readableClient(await clients.find(id), id))
      : undefined,
})

/** A store whose broken records are failures. */
export const guardTokens = (tokens: TokenStore): TokenStore => ({
  save: (record) => fromBackend('TokenStore.save', () => tokens.save(record)),
  find: (id) => fromBackend('TokenStore.find', async () => readableToken(await tokens.find(id), id)),
  revoke: (id, expiresAt) => fromBackend('TokenStore.revoke', () => tokens.revoke(id, expiresAt)),
  isRevoked: (id) =>
    fromBackend('TokenStore.isRevoked', async () => {
      const revoked: unknown = await tokens.isRevoked(id)
      if (typeof revoked === 'boolean') return revoked
      throw new TypeError('it answered neither yes nor no')
    }),
})
