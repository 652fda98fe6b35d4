import type { AccessTokenRecord } from './domain/access-token.ts'
import { CLIENT_ID_PATTERN, type Client } from './domain/client.ts'
import { OAuthError } from './errors.ts'
import type { ClientRepository } from './ports/client-repository.ts'
import type { TokenStore } from './ports/token-store.ts'

/** How long a client should wait for a backend to come back, in seconds. */
const RETRY_AFTER_SECONDS = 2

/**
 * Turns whatever a port throws into `temporarily_unavailable`, in one place, so that no endpoint can mistake a backend
 * that is away for a token that is unknown.
 */
async function fromBackend<T>(port: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
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
  isRevoked: (id) => fromBackend('TokenStore.isRevoked', () => tokens.isRevoked(id)),
})

/** A record that has not the shape of a client, or is another's, is broken: never a client without rights. */
function readableClient(client: Client | undefined, id: string): Client | undefined {
  if (client === undefined) return undefined
  const readable =
    client.id === id &&
    typeof client.enabled === 'boolean' &&
    Array.isArray(client.credentials) &&
    Array.isArray(client.scopes) &&
    Array.isArray(client.grantTypes) &&
    Array.isArray(client.resourceServerFor) &&
    Number.isSafeInteger(client.tokensValidFrom)
  if (!readable) throw new TypeError('the record of a client cannot be read')
  return client
}

function readableToken(token: AccessTokenRecord | undefined, id: string): AccessTokenRecord | undefined {
  if (token === undefined) return undefined
  const readable =
    token.id === id &&
    typeof token.clientId === 'string' &&
    Array.isArray(token.scopes) &&
    Array.isArray(token.audience) &&
    Number.isSafeInteger(token.issuedAt) &&
    Number.isSafeInteger(token.expiresAt)
  if (!readable) throw new TypeError('the record of a token cannot be read')
  return token
}
