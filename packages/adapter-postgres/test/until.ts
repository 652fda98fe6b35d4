import { setTimeout as pause } from 'node:timers/promises'

const PATIENCE = 60_000

/** Resolves once it holds, however busy the machine is. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE
  while (!(await holds())) {
    if (Date.now() > giveUpAt) throw new Error('it never came to this')
    await pause(20)
  }
}
