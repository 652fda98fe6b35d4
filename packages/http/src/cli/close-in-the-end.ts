import { createRequire } from 'node:module'
import type { Log } from '../log/log.ts'
import type { LogDestination } from '../log/log-destination.ts'
import { describeFault } from '../log/refusal-log.ts'
import { CLOSE_WITHIN_MS } from './time-to-end.ts'

const closeWithGrace = createRequire(import.meta.url)('close-with-grace') as typeof import('close-with-grace')

/** What is to be ended with the process. */
export interface Closable {
  /** Ends it when what is under way is done. Rejects when that fails. */
  close(): Promise<void>
  /** Ends at once what would outlive this process. */
  kill?(): void
}

/**
 * Ends the service on a signal, with exit code 0; and after a fault that nobody caught, with 1. A second signal does not wait.
 *
 * @returns a function that ends it because of a fault.
 */
export function closeInTheEnd(service: Closable, log: Log, destination: LogDestination): (fault: Error) => void {
  let fault: Error | undefined
  const { close } = closeWithGrace(
    {
      delay: CLOSE_WITHIN_MS,
      skip: ['beforeExit'],
      logger: false,
      onTimeout: () => giveUp('it took too long to end'),
      onSecondSignal: () => giveUp('told to end a second time'),
      onSecondError: (error) => giveUp(describeFault(error).reason),
    },
    async ({ signal, err = fault }) => {
      if (err) log.fatal({ event: 'crashed', ...describeFault(err) })
      else log.info({ event: 'stopping', signal })
      try {
        await service.close()
        log.info({ event: 'stopped' })
      } catch (error) {
        log.error({ event: 'stopped_badly', ...describeFault(error) })
        throw error
      } finally {
        await destination.end()
      }
      if (fault) throw fault
    },
  )
  return (reason) => {
    fault = reason
    close()
  }

  function giveUp(reason: string): void {
    service.kill?.()
    log.fatal({ event: 'killed', reason })
    destination.flush()
  }
}
