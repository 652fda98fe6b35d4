import { availableParallelism } from 'node:os'

/** No machine needs more, and each is a process with connections of its own. */
export const MOST_WORKERS = 64

/** How many processes a setting asks for on this machine. */
export const workerCount = (workers: number | 'auto'): number =>
  workers === 'auto' ? Math.min(availableParallelism(), MOST_WORKERS) : workers
