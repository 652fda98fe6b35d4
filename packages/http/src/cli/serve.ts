import closeWithGrace from 'close-with-grace'
import { readConfig } from '../config/read-config.ts'
import { createLog, type Log } from '../log/log.ts'
import { type LogDestination, openLogDestination } from '../log/log-destination.ts'
import { describeFault } from '../log/refusal-log.ts'
import { type Service, startService } from '../service.ts'
import { announce } from './announce.ts'
import { addDemoClient, type DemoClient, demoText } from './demo-client.ts'
import type { Io } from './io.ts'
import { readFile } from './read-file.ts'

/** What `latchkey serve` may be told. */
export interface ServeOptions {
  /** Registers a client for trying it out, unless a clients file is set, or a profile that lets no secret in. */
  readonly demo: boolean
}

/** Longer than requests under way may take, shorter than usual orchestrators wait before they kill. */
const CLOSE_WITHIN_MS = 20_000

/** Long enough for a client's next request, so that the connection which it keeps ends with an answer. */
const GRACE_MS = 1_000

/**
 * `latchkey serve`: starts the service. It runs on after this has resolved, until a signal ends the process.
 *
 * @returns the exit code for the time being.
 * @throws StartRefused when it cannot start.
 */
export async function serve({ demo }: ServeOptions, io: Io): Promise<number> {
  const config = readConfig(io.environment, readFile)
  const destination = await openLogDestination(io.stdout.isTTY === true)
  const log = createLog(config.logLevel, destination.stream)
  let demoClient: DemoClient | undefined
  const service = await startService({
    config,
    log,
    directory: io.directory,
    readFile,
    graceMs: GRACE_MS,
    async prepare({ clients }) {
      if (demo && config.clientsFile === undefined && config.profile === undefined)
        demoClient = await addDemoClient(clients)
    },
  })
  closeInTheEnd(service, log, destination)
  announce(service, config, log)
  destination.flush()
  if (demoClient !== undefined) io.stdout.write(demoText(demoClient, service.server))
  return 0
}

/** Ends the service on a signal, with exit code 0; and after a fault that nobody caught, with 1. A second signal does not wait. */
function closeInTheEnd(service: Service, log: Log, destination: LogDestination): void {
  closeWithGrace(
    {
      delay: CLOSE_WITHIN_MS,
      skip: ['beforeExit'],
      logger: false,
      onTimeout: () => giveUp('it took too long to end'),
      onSecondSignal: () => giveUp('told to end a second time'),
      onSecondError: (error) => giveUp(describeFault(error).reason),
    },
    async ({ signal, err }) => {
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
    },
  )
  function giveUp(reason: string): void {
    log.fatal({ event: 'killed', reason })
    destination.flush()
  }
}
