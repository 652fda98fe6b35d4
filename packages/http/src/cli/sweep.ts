import { systemClock } from '@latchkey/core'
import { readStorageConfig } from '../config/read-config.ts'
import { refusePendingMigrations } from '../storage/refuse-pending-migrations.ts'
import { CommandRefused } from './command-refused.ts'
import { eachStorage } from './each-storage.ts'
import type { Io } from './io.ts'
import { printJson, printLine } from './print.ts'
import { readFile } from './read-file.ts'

/** What `latchkey sweep` may be told. */
export interface SweepOptions {
  readonly json?: boolean
}

/**
 * `latchkey sweep`: forgets what has expired, and says how much.
 *
 * @throws CommandRefused when everything is in the memory of another process.
 */
export async function sweepCommand({ json }: SweepOptions, io: Io): Promise<void> {
  const config = readStorageConfig(io.environment, readFile)
  const swept = await eachStorage(config, io, async ({ adapter, shown: storage, setting }, where) => {
    if (adapter.forgetful === true) return undefined
    await refusePendingMigrations(adapter, where)
    return { setting, storage, forgotten: (await adapter.sweeper?.sweep(systemClock.now())) ?? 0 }
  })
  const storages = swept.filter((storage) => storage !== undefined)
  if (storages.length === 0)
    throw new CommandRefused(
      `${config.tokenStorage.setting} keeps everything in the memory of the process that serves, which sweeps it by itself`,
    )
  const forgotten = storages.reduce((sum, storage) => sum + storage.forgotten, 0)
  if (json === true) printJson(io, { forgotten, storages })
  else for (const { storage, forgotten: count } of storages) printLine(io, `${storage} ${recordsText(count)} forgotten`)
}

const recordsText = (count: number): string => (count === 1 ? '1 record' : `${count} records`)
