import type { Adapter } from '@latchkey/core'
import type { Log } from './log/log.ts'

/** Whether the service can serve. */
export interface Readiness {
  /** Asks the backends, at most once in a second, and waits for them no longer than that. Never rejects. */
  isReady(): Promise<boolean>
  /** From now on it is not ready: the process is about to end. */
  end(): void
}

/** What {@link createReadiness} takes. */
export interface ReadinessDeps {
  readonly adapters: readonly Adapter[]
  readonly log: Log
  /** The present time in milliseconds. */
  readonly now?: () => number
}

/** How long an answer of the backends is believed, and how long it is waited for. */
const CHECK_EVERY_MS = 1000
const CHECK_TIMEOUT_MS = 1000

/** However many probes there are, the backends hear one of them in a second. The reason for trouble goes to the log, once. */
export function createReadiness({ adapters, log, now = Date.now }: ReadinessDeps): Readiness {
  let ended = false
  let checkedAt = Number.NEGATIVE_INFINITY
  let checked: Promise<boolean> = Promise.resolve(false)
  let trouble: string | undefined

  async function check(): Promise<boolean> {
    const before = trouble
    trouble = await withinTime(Promise.all(adapters.map(async (adapter) => adapter.check())))
    if (trouble !== undefined && trouble !== before) log.error({ event: 'not_ready', reason: trouble })
    if (trouble === undefined && before !== undefined) log.info({ event: 'ready_again' })
    return trouble === undefined
  }

  return {
    async isReady() {
      if (ended) return false
      if (now() - checkedAt >= CHECK_EVERY_MS) {
        checkedAt = now()
        checked = check()
      }
      return (await checked) && !ended
    },
    end() {
      ended = true
    },
  }
}

/** What is wrong, or `undefined` when nothing is. */
async function withinTime(checks: Promise<unknown>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${CHECK_TIMEOUT_MS} ms`), CHECK_TIMEOUT_MS)
  })
  try {
    return await Promise.race([checks.then(() => undefined), late])
  } catch (error) {
    return error instanceof Error ? error.message : 'the backend failed'
  } finally {
    clearTimeout(timer)
  }
}
