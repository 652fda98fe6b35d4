import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import type { DestinationStream } from 'pino'
import { StartRefused } from '../start-refused.ts'
import { closeConnectionsOnTheirWay } from './connections-on-their-way.ts'
import { handOnWholeLines } from './whole-lines.ts'
import type { PrimaryMessage, WorkerMessage, WorkerOrders } from './worker-messages.ts'

const PROGRAM = fileURLToPath(new URL('../workers/worker-main.js', import.meta.url))

/** How a worker ended. */
export interface WorkerEnd {
  /** The exit code; `null` when a signal ended it. */
  readonly code: number | null
  readonly signal: string | null
}

/** A worker as its primary sees it. */
export interface WorkerProcess {
  readonly pid: number | undefined
  /** The address, once it listens. Rejects with `StartRefused` when it does not come to that. */
  readonly listening: Promise<string>
  /** Resolves when it is gone and all that it has logged is handed on. */
  readonly ended: Promise<WorkerEnd>
  /** Tells it to finish what is under way, and to end. */
  end(): void
  /** SIGKILL. */
  kill(): void
}

/** What {@link prepareWorkers} takes. */
export interface WorkersDeps {
  readonly orders: WorkerOrders
  /** Where the lines go that a worker logs. */
  readonly output: Pick<DestinationStream, 'write'>
}

/** @returns a function that starts a worker: the whole service, on the port that all of them share. */
export function prepareWorkers({ orders, output }: WorkersDeps): () => WorkerProcess {
  cluster.setupPrimary({
    exec: PROGRAM,
    args: [],
    // Bytes among the orders stay bytes.
    serialization: 'advanced',
    // What a worker logs comes here; what Node says when it breaks down goes where all errors go.
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  return () => startWorker(orders, output)
}

function startWorker(orders: WorkerOrders, output: WorkersDeps['output']): WorkerProcess {
  const worker = cluster.fork()
  const child = worker.process
  closeConnectionsOnTheirWay(child)
  if (child.stdout) handOnWholeLines(child.stdout, output)
  const tell = (message: PrimaryMessage): void => {
    // It may be gone at this moment, which is told elsewhere.
    if (worker.isConnected()) worker.send(message, () => undefined)
  }
  const ended = new Promise<WorkerEnd>((resolve) => {
    child.once('close', (code: number | null, signal: string | null) => resolve({ code, signal }))
    worker.on('error', () => {
      // One that could not be started at all; of any other it is that it could not be told something, since it is dying.
      if (child.pid === undefined) resolve({ code: 1, signal: null })
    })
  })
  const listening = new Promise<string>((resolve, reject) => {
    worker.on('message', (message: WorkerMessage) => {
      if (message.say === 'awake') tell({ say: 'serve', orders })
      else if (message.say === 'listening') resolve(message.address)
      else reject(new StartRefused(message.problems))
    })
    void ended.then((end) => reject(new StartRefused([`a worker ended with ${textOfEnd(end)} before it served`])))
  })
  // Not everybody who asks how it ended asks whether it ever listened.
  listening.catch(() => undefined)
  return {
    pid: child.pid,
    listening,
    ended,
    end: () => tell({ say: 'end' }),
    kill: () => void child.kill('SIGKILL'),
  }
}

/** How it ended, for the operator. */
export const textOfEnd = ({ code, signal }: WorkerEnd): string => signal ?? `exit code ${code}`
