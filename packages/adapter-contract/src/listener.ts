import { assertThat } from './assertions.ts'

/** Hears of changes, and waits for those that it must hear of. */
export interface Listener {
  /** What a subscription is given. */
  readonly hear: (id: string) => void
  /** Whether it was told of a client, or of all of them, since it last forgot. */
  hasHeardOf(id: string): boolean
  /** What is told before this does not count any more. */
  forget(): void
  /**
   * Resolves once it was told of a client, or of all of them, and `enough` says that this will do.
   *
   * @throws Error when it is not told in time.
   */
  untilToldOf(id: string, enough?: () => Promise<boolean>): Promise<void>
}

/** Far more than the second that is promised: how busy the machine is shall decide nothing. */
const PATIENCE_MILLISECONDS = 10_000

export function createListener(): Listener {
  const told = new Set<string>()
  let wake = (): void => undefined
  const hasHeardOf = (id: string): boolean => told.has(id) || told.has('all')

  async function isToldOf(id: string, enough: () => Promise<boolean>, until: Promise<void>): Promise<boolean> {
    let late = false
    const end = until.then(() => (late = true))
    while (!late) {
      const next = new Promise<void>((resolve) => (wake = resolve))
      if (hasHeardOf(id) && (await enough())) return true
      await Promise.race([next, end])
    }
    return false
  }

  return {
    hear(id) {
      told.add(id)
      wake()
    },
    hasHeardOf,
    forget: () => told.clear(),
    async untilToldOf(id, enough = async () => true) {
      let timer: ReturnType<typeof setTimeout> | undefined
      const until = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, PATIENCE_MILLISECONDS)
      })
      try {
        assertThat(await isToldOf(id, enough, until), `expected to be told of ${JSON.stringify(id)} in time`)
      } finally {
        clearTimeout(timer)
      }
    },
  }
}
