import { readFile } from '../cli/read-file.ts'
import { CLOSE_WITHIN_MS, GRACE_MS } from '../cli/time-to-end.ts'
import type { Config } from '../config/config.ts'
import { rereadTls } from '../config/read-tls.ts'
import { createLog } from '../log/log.ts'
import { openLogDestination } from '../log/log-destination.ts'
import { describeFault } from '../log/refusal-log.ts'
import { type Service, startService } from '../service.ts'
import { messageOf, StartRefused } from '../start-refused.ts'
import type { PrimaryMessage, WorkerMessage, WorkerOrders } from './worker-messages.ts'

/**
 * A worker of `latchkey serve`: the whole service, as its primary says. It reads no settings but where the files of TLS are,
 * and ends with its primary, of which Node sees to it.
 */
const say = (message: WorkerMessage): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(message, undefined, undefined, () => resolve())
  })

/** What a worker logs wakes its primary up: a few times in a moment rather than with each turn. */
const LOG_EVERY_MS = 5

let isEnding = false
/** Nothing to finish yet. */
let finish: (fault?: { readonly thrown: unknown }) => Promise<number> = () => Promise.resolve(0)

/** A terminal, and what stops whole groups of processes, tell a worker as well as its primary: it ends once. */
async function end(fault?: { readonly thrown: unknown }): Promise<void> {
  if (isEnding) return
  isEnding = true
  setTimeout(() => process.exit(1), CLOSE_WITHIN_MS).unref()
  process.exit(await finish(fault))
}

/** The files of TLS as the primary found them, with the secret that all workers share. */
function rereadBy({ tls }: Config): Config['rereadTls'] {
  if (tls === undefined) return undefined
  const { ticketSecret } = tls
  return () => ({ ...rereadTls(process.env, readFile), ticketSecret })
}

async function serve({ config, directory }: WorkerOrders): Promise<void> {
  const destination = await openLogDestination(false, (handOn) => setTimeout(handOn, LOG_EVERY_MS))
  const log = createLog(config.logLevel, destination.stream)
  let service: Service | undefined
  finish = async (fault) => {
    if (fault !== undefined) log.fatal({ event: 'crashed', ...describeFault(fault.thrown) })
    let code = fault === undefined ? 0 : 1
    try {
      await service?.close()
    } catch (error) {
      log.error({ event: 'stopped_badly', ...describeFault(error) })
      code = 1
    }
    await destination.end()
    return code
  }
  try {
    service = await startService({
      config: { ...config, rereadTls: rereadBy(config) },
      log,
      directory,
      readFile,
      graceMs: GRACE_MS,
      isPrepared: true,
    })
    await say({ say: 'listening', address: service.address })
  } catch (error) {
    await say({ say: 'refused', problems: error instanceof StartRefused ? error.problems : [messageOf(error)] })
    process.exit(1)
  }
}

process.on('message', (message: PrimaryMessage) => void (message.say === 'serve' ? serve(message.orders) : end()))
process.on('uncaughtException', (thrown) => void end({ thrown }))
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end())

await say({ say: 'awake' })
