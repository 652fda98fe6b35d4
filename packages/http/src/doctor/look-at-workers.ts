import { workerCount } from '../workers/worker-count.ts'
import type { Finding } from './finding.ts'

const check = 'workers'

/** Looks at how many processes are to serve, and whether each has a core. What their storage must be is told with the storage. */
export function* lookAtWorkers(workers: number | 'auto', cores: number): Generator<Finding> {
  const count = workerCount(workers)
  if (count > cores)
    yield {
      check,
      status: 'warning',
      message: `LATCHKEY_WORKERS: ${count} workers share ${cores === 1 ? 'one core' : `${cores} cores`}`,
      advice: 'set it to auto, which is one for each core',
    }
  else if (count > 1) yield { check, status: 'ok', message: `${count} workers serve, each on a core` }
  else if (workers === 'auto') yield { check, status: 'ok', message: 'there is one core, so one process serves' }
}
