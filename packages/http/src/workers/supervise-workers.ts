import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '../log/log.ts'
import { messageOf } from '../start-refused.ts'
import { createRestarts } from './restarts.ts'
import { textOfEnd, type WorkerProcess } from './worker-process.ts'

/** What {@link superviseWorkers} takes. */
export interface SupervisionDeps {
  readonly count: number
  readonly startWorker: () => WorkerProcess
  readonly log: Log
  /** The present time in milliseconds. */
  readonly now?: () => number
}

/** Workers that serve, and are replaced when they die. */
export interface SupervisedWorkers {
  readonly address: string
  /** Resolves, with the reason, when workers die as soon as they are started. The others still serve. */
  readonly failure: Promise<Error>
  /** Ends every worker when what is under way there is done. Rejects when one of them did not end well. Idempotent. */
  close(): Promise<void>
  /** Ends them at once. */
  kill(): void
}

/**
 * Starts the workers, and from then on sees to it that there are as many.
 *
 * @throws StartRefused when one of them cannot serve; none is left then.
 */
export async function superviseWorkers(deps: SupervisionDeps): Promise<SupervisedWorkers> {
  const { count, startWorker, log, now = Date.now } = deps
  const running = new Set<WorkerProcess>()
  let isEnding = false
  let closing: Promise<void> | undefined
  let fail: (reason: Error) => void = () => undefined
  const failure = new Promise<Error>((resolve) => {
    fail = resolve
  })

  function start(): WorkerProcess {
    const worker = startWorker()
    running.add(worker)
    void worker.ended.then(() => running.delete(worker))
    return worker
  }

  /** Waits for the death of a worker, and puts another one in its place, until the end. */
  async function replace(number: number, first: WorkerProcess, startedAt: number): Promise<void> {
    const restarts = createRestarts()
    let worker = first
    let since = startedAt
    for (;;) {
      const end = await worker.ended
      if (isEnding) return
      const delayMs = restarts.afterDeath(now() - since)
      log.error({ event: 'worker_died', worker: number, pid: worker.pid, reason: textOfEnd(end), delayMs })
      if (delayMs === undefined) {
        fail(new Error(`worker ${number} died again and again as soon as it was started`))
        return
      }
      await pause(delayMs)
      if (isEnding) return
      worker = start()
      since = now()
      tellOf(number, worker)
    }
  }

  function tellOf(number: number, { pid, listening }: WorkerProcess): void {
    listening.then(
      () => log.info({ event: 'worker_replaced', worker: number, pid }),
      (error: unknown) => log.error({ event: 'worker_refused', worker: number, pid, reason: messageOf(error) }),
    )
  }

  const startedAt = now()
  const workers = Array.from({ length: count }, start)
  const kill = (): void => {
    isEnding = true
    for (const worker of running) worker.kill()
  }
  try {
    const [address = ''] = await Promise.all(workers.map(({ listening }) => listening))
    for (const [index, worker] of workers.entries()) void replace(index + 1, worker, startedAt)
    return {
      address,
      failure,
      close() {
        isEnding = true
        closing ??= endAll(running)
        return closing
      },
      kill,
    }
  } catch (error) {
    kill()
    await Promise.all(workers.map(({ ended }) => ended))
    throw error
  }
}

async function endAll(running: ReadonlySet<WorkerProcess>): Promise<void> {
  const workers = [...running]
  for (const worker of workers) worker.end()
  const ends = await Promise.all(workers.map(({ ended }) => ended))
  const bad = ends.find(({ code }) => code !== 0)
  if (bad !== undefined) throw new Error(`a worker ended with ${textOfEnd(bad)}`)
}
