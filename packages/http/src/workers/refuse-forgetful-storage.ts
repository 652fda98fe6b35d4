import type { Config } from '../config/config.ts'
import type { SettingName } from '../config/settings.ts'
import { StartRefused } from '../start-refused.ts'
import type { Storage } from '../storage/storage.ts'
import { workerCount } from './worker-count.ts'

/**
 * Lets no workers serve on a storage of which each would have one of its own.
 *
 * @throws StartRefused that names the setting, and what is kept there.
 */
export function refuseForgetfulStorage(
  { forgetsClients, forgetsTokens }: Pick<Storage, 'forgetsClients' | 'forgetsTokens'>,
  { workers, clientStorage, tokenStorage }: Pick<Config, 'workers' | 'clientStorage' | 'tokenStorage'>,
): void {
  const count = workerCount(workers)
  if (count === 1) return
  const forgetting = [
    ...(forgetsClients ? [{ what: 'clients', setting: clientStorage.setting }] : []),
    ...(forgetsTokens ? [{ what: 'tokens', setting: tokenStorage.setting }] : []),
  ]
  const settings = [...new Set(forgetting.map(({ setting }) => setting))]
  const problems = settings.map((setting) => {
    const kept = forgetting.filter((each) => each.setting === setting).map(({ what }) => what)
    return unshared(count, setting, kept.join(' and '))
  })
  if (problems.length > 0) throw new StartRefused(problems)
}

/** Why a storage that forgets with its process is none for several. */
export const unshared = (count: number, setting: SettingName, kept: string): string =>
  `LATCHKEY_WORKERS: ${count} workers need a storage that they share, and ${setting} keeps ${kept} in the memory of each; set it to a Postgres or a Redis, or LATCHKEY_WORKERS to 1`
