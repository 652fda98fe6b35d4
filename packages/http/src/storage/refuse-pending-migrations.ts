import type { Adapter } from '@latchkey/core'
import type { StorageSetting } from '../config/config.ts'
import { messageOf, StartRefused } from '../start-refused.ts'

/**
 * Lets nothing use a backend that is not in the form which this version needs.
 *
 * @throws StartRefused that names the setting and the command to run, when a step is yet to be taken; or what is wrong,
 *   when the backend cannot say so.
 */
export async function refusePendingMigrations({ migrations }: Adapter, { setting }: StorageSetting): Promise<void> {
  if (migrations === undefined) return
  const pending = await migrations.pending().catch((error: unknown) => {
    throw new StartRefused([`${setting}: ${messageOf(error)}`], { cause: error })
  })
  if (pending.length > 0) throw new StartRefused([`${setting}: ${pendingText(pending)}; run latchkey migrate`])
}

/** Which steps are yet to be taken. */
export function pendingText(pending: readonly string[]): string {
  const steps = pending.length === 1 ? 'a migration is' : `${pending.length} migrations are`
  return `${steps} pending (${pending.join(', ')})`
}
