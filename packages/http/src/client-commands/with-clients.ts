import type { ClientRegistry, CredentialUses } from '@latchkey/core'
import { CommandRefused } from '../cli/command-refused.ts'
import type { Io } from '../cli/io.ts'
import { readFile } from '../cli/read-file.ts'
import type { StorageSetting } from '../config/config.ts'
import { readStorageConfig } from '../config/read-config.ts'
import { clientCacheBound } from '../storage/client-cache.ts'
import { addressOf, openAdapterAt, portOf } from '../storage/open-adapter.ts'
import { refusePendingMigrations } from '../storage/refuse-pending-migrations.ts'

/** What a command about clients works on. */
export interface ClientStorage {
  readonly clients: ClientRegistry
  /** Absent where the storage does not keep the last uses of credentials. */
  readonly credentialUses: CredentialUses | undefined
  /** For how long a node may believe what it knows of a client. */
  readonly clientCacheSeconds: number
}

/**
 * Opens the client storage, and that alone, for as long as a command takes. Tokens may be kept in a storage that is away.
 *
 * @throws StartRefused when it cannot be opened, or must be migrated first.
 * @throws CommandRefused when it forgets with this process.
 */
export async function withClients<Result>(
  io: Pick<Io, 'environment' | 'directory'>,
  use: (storage: ClientStorage) => Promise<Result>,
): Promise<Result> {
  const config = readStorageConfig(io.environment, readFile)
  const { clientStorage } = config
  const { adapter } = await openAdapterAt(clientStorage, addressOf(clientStorage, io.directory))
  try {
    if (adapter.forgetful === true) throw new CommandRefused(forgetfulText(clientStorage))
    await refusePendingMigrations(adapter, clientStorage)
    return await use({
      clients: portOf(adapter, 'clients', clientStorage),
      credentialUses: adapter.credentialUses,
      clientCacheSeconds: clientCacheBound(config),
    })
  } finally {
    await adapter.close()
  }
}

const forgetfulText = ({ setting }: StorageSetting): string =>
  `${setting} keeps clients in the memory of one process, and this one ends now: set LATCHKEY_STORAGE or ` +
  'LATCHKEY_CLIENT_STORAGE to a storage that lasts, such as postgres://… or redis://…, or name the clients in ' +
  'LATCHKEY_CLIENTS_FILE'
