import type { Adapter } from '@latchkey/core'
import { readStorageConfig, type StorageConfig } from '../config/read-config.ts'
import { addressOf, openAdapterAt } from '../storage/open-adapter.ts'
import { refusePendingMigrations } from '../storage/refuse-pending-migrations.ts'
import { CommandRefused } from './command-refused.ts'
import type { Io } from './io.ts'
import { readFile } from './read-file.ts'

/**
 * Opens the client storage, and that alone, for as long as a command takes. Tokens may be kept in a storage that is away.
 *
 * @throws StartRefused when it cannot be opened, or must be migrated first.
 * @throws CommandRefused when it forgets what is kept there with this process.
 */
export async function withClientStorage<Result>(
  io: Pick<Io, 'environment' | 'directory'>,
  kept: 'clients' | 'resources',
  use: (adapter: Adapter, config: StorageConfig) => Promise<Result>,
): Promise<Result> {
  const config = readStorageConfig(io.environment, readFile)
  const { clientStorage } = config
  const { adapter } = await openAdapterAt(clientStorage, addressOf(clientStorage, io.directory))
  try {
    if (adapter.forgetful === true)
      throw new CommandRefused(
        `${clientStorage.setting} keeps ${kept} in the memory of one process, and this one ends now: set ` +
          'LATCHKEY_STORAGE or LATCHKEY_CLIENT_STORAGE to a storage that lasts, such as postgres://… or redis://…, or ' +
          `name the ${kept} in LATCHKEY_CLIENTS_FILE`,
      )
    await refusePendingMigrations(adapter, clientStorage)
    return await use(adapter, config)
  } finally {
    await adapter.close()
  }
}
