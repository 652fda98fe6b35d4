import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves once something succeeds: how long that takes depends on the machine. */
export async function until(attempt: () => Promise<unknown>): Promise<void> {
  const giveUpAt = Date.now() + 60_000
  for (;;) {
    try {
      await attempt()
      return
    } catch (error) {
      if (Date.now() > giveUpAt) throw error
      await sleep(50)
    }
  }
}
