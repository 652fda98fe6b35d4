import type { Config } from '../config/config.ts'
import type { Log } from '../log/log.ts'
import { messageOf, StartRefused } from '../start-refused.ts'
import { pendingText } from './refuse-pending-migrations.ts'
import type { Storage, StorageMigrations } from './storage.ts'

/** What {@link migrateAtStart} takes. */
export interface MigrateAtStartDeps {
  readonly config: Pick<Config, 'autoMigrate'>
  readonly log: Log
}

/**
 * Sees to it that the storage has the form that this version needs. Where the settings allow it, what is pending is
 * applied and logged.
 *
 * @throws StartRefused that names the setting and the command to run, when something is pending; and when the storage is
 *   away, or ahead of this version.
 */
export async function migrateAtStart(
  { migrations }: Pick<Storage, 'migrations'>,
  deps: MigrateAtStartDeps,
): Promise<void> {
  // One after the other: two halves may be two schemas of one database.
  for (const half of migrations)
    try {
      await migrate(half, deps)
    } catch (error) {
      throw error instanceof StartRefused
        ? error
        : new StartRefused([`${half.setting}: ${messageOf(error)}`], { cause: error })
    }
}

async function migrate({ setting, migrations }: StorageMigrations, { config, log }: MigrateAtStartDeps): Promise<void> {
  const pending = await migrations.pending()
  if (pending.length === 0) return
  if (!config.autoMigrate)
    throw new StartRefused([
      `${setting}: ${pendingText(pending)}; run latchkey migrate, or set LATCHKEY_AUTO_MIGRATE=true`,
    ])
  // Another node may have taken them meanwhile: then there is nothing to tell.
  const steps = await migrations.apply()
  if (steps.length > 0) log.info({ event: 'migrated', setting, steps })
}
