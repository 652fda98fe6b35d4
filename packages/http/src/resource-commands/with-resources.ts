import type { ResourceRegistry } from '@latchkey/core'
import type { Io } from '../cli/io.ts'
import { withClientStorage } from '../cli/with-client-storage.ts'
import { portOf } from '../storage/open-adapter.ts'

/**
 * Opens the resources, which are kept beside the clients, for as long as a command takes.
 *
 * @throws StartRefused when their storage cannot be opened, has no place for them, or must be migrated first.
 * @throws CommandRefused when it forgets with this process.
 */
export const withResources = <Result>(
  io: Pick<Io, 'environment' | 'directory'>,
  use: (resources: ResourceRegistry) => Promise<Result>,
): Promise<Result> =>
  withClientStorage(io, 'resources', async (adapter, { clientStorage }) =>
    use(portOf(adapter, 'resources', clientStorage)),
  )
