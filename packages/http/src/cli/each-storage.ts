import type { StorageSetting } from '../config/config.ts'
import type { StorageConfig } from '../config/read-config.ts'
import { addressOf, isSameAddress, type OpenedAdapter, openAdapterAt } from '../storage/open-adapter.ts'
import type { Io } from './io.ts'

/**
 * Opens one storage after the other, for as long as it is used: that of clients, and that of tokens where it is another.
 *
 * @throws StartRefused that names the setting, when one cannot be opened; and what `use` throws.
 */
export async function eachStorage<Result>(
  config: StorageConfig,
  { directory }: Pick<Io, 'directory'>,
  use: (opened: OpenedAdapter, setting: StorageSetting) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  for (const setting of distinctStorages(config, directory)) {
    const opened = await openAdapterAt(setting, addressOf(setting, directory))
    try {
      results.push(await use(opened, setting))
    } finally {
      await opened.adapter.close()
    }
  }
  return results
}

function distinctStorages(
  { clientStorage, tokenStorage }: StorageConfig,
  directory: string,
): readonly StorageSetting[] {
  const isOne = isSameAddress(addressOf(clientStorage, directory), addressOf(tokenStorage, directory))
  return isOne ? [clientStorage] : [clientStorage, tokenStorage]
}
