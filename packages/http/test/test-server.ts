import {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  createAuthorizationServer,
  type DomainEvent,
  defineClient,
  generateSecret,
} from '@latchkey/core'
import type { Storage } from '../src/storage/storage.ts'
import { openStorageUnderTest } from './storages/storage-under-test.ts'

/** An authorization server with clients of every kind, and what they know. */
export interface TestServer {
  readonly server: AuthorizationServer
  /** The secrets of the clients, by id. */
  readonly secrets: Readonly<Record<ClientId, string>>
  readonly events: readonly DomainEvent[]
  readonly storage: Pick<Storage, 'clients' | 'resources' | 'tokens' | 'replays' | 'shown'>
  close(): Promise<void>
}

export type ClientId = 'reader' | 'other' | 'api' | 'disabled' | 'expired' | 'post-only' | 'basic-only'

export const ISSUER = 'http://localhost:4000'

/** Each client has a generated secret, so that no test waits for a slow hash. */
export async function createTestServer(options: Partial<AuthorizationServerOptions> = {}): Promise<TestServer> {
  const storage = await openStorageUnderTest()
  const secrets: Record<string, string> = {}
  const register = async (
    id: ClientId,
    policy: Partial<Parameters<typeof defineClient>[0]> = {},
    expiresAt?: number,
  ) => {
    const { secret, credentialId, hash } = generateSecret()
    secrets[id] = secret
    const credential = {
      kind: 'secret' as const,
      id: credentialId,
      hash,
      ...(expiresAt !== undefined && { expiresAt }),
    }
    const scopes = { read: true, write: true, admin: false }
    await storage.clients.add(defineClient({ id, scopes, credentials: [credential], ...policy }))
  }
  await register('reader')
  await register('other')
  await register('api', { introspect: 'any' })
  await register('disabled', { enabled: false })
  await register('expired', {}, 1)
  await register('post-only', { tokenEndpointAuthMethod: 'client_secret_post' })
  await register('basic-only', { tokenEndpointAuthMethod: 'client_secret_basic' })

  const events: DomainEvent[] = []
  const server = createAuthorizationServer({
    issuer: ISSUER,
    clients: storage.clients,
    tokens: storage.tokens,
    resources: storage.resources,
    protectedResources: storage.resources,
    replays: storage.replays,
    credentialUses: storage.credentialUses,
    onEvent: (event) => events.push(event),
    ...options,
  })
  return {
    server,
    secrets: secrets as Record<ClientId, string>,
    events,
    storage,
    async close() {
      await server.close()
      await storage.remove()
    },
  }
}

/** The header of HTTP Basic. */
export const basic = (id: string, secret: string): string => `Basic ${btoa(`${id}:${secret}`)}`

export const FORM = 'application/x-www-form-urlencoded'
