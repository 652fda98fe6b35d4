import { readStorageConfig } from '../config/read-config.ts'
import { messageOf, StartRefused } from '../start-refused.ts'
import { eachStorage } from './each-storage.ts'
import type { Io } from './io.ts'
import { printJson, printLine } from './print.ts'
import { readFile } from './read-file.ts'

/** What `latchkey migrate` may be told. */
export interface MigrateOptions {
  /** Lists the steps, and takes none. */
  readonly pending?: boolean
  /** The same. */
  readonly dryRun?: boolean
  readonly json?: boolean
}

/**
 * `latchkey migrate`: brings every storage to the form that this version needs, and names the steps that it took.
 *
 * @throws StartRefused when a storage is away, ahead of this version, or a step fails.
 */
export async function migrateCommand({ pending, dryRun, json }: MigrateOptions, io: Io): Promise<void> {
  const onlyLooks = pending === true || dryRun === true
  const storages = await eachStorage(
    readStorageConfig(io.environment, readFile),
    io,
    async ({ adapter: { migrations }, setting, shown: storage }) => {
      try {
        const steps = await (onlyLooks ? migrations?.pending() : migrations?.apply())
        return { setting, storage, needsNone: migrations === undefined, steps: steps ?? [] }
      } catch (error) {
        throw new StartRefused([`${setting}: ${messageOf(error)}`], { cause: error })
      }
    },
  )
  if (json === true)
    printJson(io, {
      storages: storages.map(({ setting, storage, steps }) => ({
        setting,
        storage,
        [onlyLooks ? 'pending' : 'applied']: steps,
      })),
    })
  else
    for (const { storage, needsNone, steps } of storages) {
      for (const step of steps) printLine(io, `${storage} ${step} ${onlyLooks ? 'is pending' : 'is applied'}`)
      if (steps.length === 0) printLine(io, `${storage} ${needsNone ? 'needs no migrations' : 'nothing is pending'}`)
    }
}
