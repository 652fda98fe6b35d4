import type { ClientRegistry, CredentialUses, ResourceRegistry } from '@latchkey/core'
import type { Io } from '../cli/io.ts'
import { withClientStorage } from '../cli/with-client-storage.ts'
import { clientCacheBound } from '../storage/client-cache.ts'
import { portOf } from '../storage/open-adapter.ts'

/** What a command about clients works on. */
export interface ClientStorage {
  readonly clients: ClientRegistry
  /** Absent where the storage has no place for them. */
  readonly resources: ResourceRegistry | undefined
  /** Absent where the storage does not keep the last uses of credentials. */
  readonly credentialUses: CredentialUses | undefined
  /** For how long a node may believe what it knows of a client. */
  readonly clientCacheSeconds: number
}

/**
 * Opens the clients for as long as a command takes.
 *
 * @throws StartRefused when their storage cannot be opened, or must be migrated first.
 * @throws CommandRefused when it forgets with this process.
 */
export const withClients = <Result>(
  io: Pick<Io, 'environment' | 'directory'>,
  use: (storage: ClientStorage) => Promise<Result>,
): Promise<Result> =>
  withClientStorage(io, 'clients', async (adapter, config) =>
    use({
      clients: portOf(adapter, 'clients', config.clientStorage),
      resources: adapter.resources,
      credentialUses: adapter.credentialUses,
      clientCacheSeconds: clientCacheBound(config),
    }),
  )
