import { readConfig } from '../config/read-config.ts'
import { createLog } from '../log/log.ts'
import { type LogDestination, openLogDestination } from '../log/log-destination.ts'
import { type ServiceDeps, startService } from '../service.ts'
import type { ServiceByWorkers } from '../workers/serve-by-workers.ts'
import { workerCount } from '../workers/worker-count.ts'
import { announce } from './announce.ts'
import { closeInTheEnd } from './close-in-the-end.ts'
import { addDemoClient, type DemoClient, demoText } from './demo-client.ts'
import type { Io } from './io.ts'
import { readFile } from './read-file.ts'
import { GRACE_MS } from './time-to-end.ts'

/** What `latchkey serve` may be told. */
export interface ServeOptions {
  /** Registers a client for trying it out, unless a clients file is set, or a profile that lets no secret in. */
  readonly demo: boolean
}

/**
 * `latchkey serve`: starts the service, in this process or in several that it looks after. It runs on after this has
 * resolved, until a signal ends the process.
 *
 * @returns the exit code for the time being.
 * @throws StartRefused when it cannot start.
 */
export async function serve({ demo }: ServeOptions, io: Io): Promise<number> {
  const config = readConfig(io.environment, readFile)
  const destination = await openLogDestination(io.stdout.isTTY === true)
  const log = createLog(config.logLevel, destination.stream)
  let demoClient: DemoClient | undefined
  const deps: ServiceDeps = {
    config,
    log,
    directory: io.directory,
    readFile,
    async prepare({ clients }) {
      if (demo && config.clientsFile === undefined && config.profile === undefined)
        demoClient = await addDemoClient(clients)
    },
  }
  const workers = workerCount(config.workers) > 1 ? await byWorkers(deps, destination.stream) : undefined
  const service = workers ?? (await startService({ ...deps, graceMs: GRACE_MS }))
  const endFor = closeInTheEnd(service, log, destination)
  void workers?.failure.then(endFor)
  announce(service, config, log)
  destination.flush()
  if (demoClient !== undefined) io.stdout.write(demoText(demoClient, service.server))
  return 0
}

async function byWorkers(deps: ServiceDeps, output: LogDestination['stream']): Promise<ServiceByWorkers> {
  const { serveByWorkers } = await import('../workers/serve-by-workers.ts')
  return serveByWorkers(deps, output)
}
