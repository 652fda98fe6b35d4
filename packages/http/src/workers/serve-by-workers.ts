import type { DestinationStream } from 'pino'
import { openService, type Service, type ServiceDeps } from '../service.ts'
import { type SupervisedWorkers, superviseWorkers } from './supervise-workers.ts'
import { workerCount } from './worker-count.ts'
import { configOfWorkers } from './worker-orders.ts'
import { prepareWorkers } from './worker-process.ts'

/** A service in several processes, and what can be said of all of them. */
export interface ServiceByWorkers extends SupervisedWorkers, Pick<Service, 'server' | 'storage' | 'signing'> {}

/**
 * Serves by workers. What must happen once happens here, before they start: settings are checked, the storage is migrated,
 * the clients file is written to it, warnings are told. This process then has nothing open, and looks after them.
 *
 * @param output takes the lines that the workers log.
 * @throws StartRefused with what is in the way, once.
 */
export async function serveByWorkers(
  deps: ServiceDeps,
  output: Pick<DestinationStream, 'write'>,
): Promise<ServiceByWorkers> {
  const { config, directory, log } = deps
  const { server, storage, signing, close } = await openService(deps)
  await close()
  const orders = { config: configOfWorkers(config, storage), directory }
  const startWorker = prepareWorkers({ orders, output })
  const workers = await superviseWorkers({ count: workerCount(config.workers), startWorker, log })
  return { ...workers, server, storage, signing }
}
