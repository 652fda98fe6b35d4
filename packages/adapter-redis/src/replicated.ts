import type { RedisCommands, Run } from './commands.ts'
import { bounded, isOneServer, runOn } from './commands.ts'

/** How long replicas may take, in milliseconds: less than a command may. */
const PATIENCE_MILLISECONDS = 800

/** How many writes wait for the replicas together. */
const MOST_AT_ONCE = 500

type Command = readonly [command: string, ...args: (string | number)[]]
interface Waiting {
  readonly command: Command
  readonly resolve: (reply: unknown) => void
  readonly reject: (error: unknown) => void
}

/**
 * Runs commands, each of which counts only once so many replicas have it.
 *
 * @throws TypeError unless that is a whole number from 0.
 */
export function runReplicated(client: RedisCommands, waitReplicas = 0): Run {
  if (!Number.isSafeInteger(waitReplicas) || waitReplicas < 0)
    throw new TypeError('waitReplicas must be a whole number from 0')
  const run = runOn(client)
  if (waitReplicas === 0) return run

  /**
   * One pipeline, since `WAIT` waits for what its own connection did. Where the connection breaks in between, ioredis sends
   * all of it again or none, so that `WAIT` is never asked of a connection that has done nothing.
   */
  async function together(commands: readonly Command[]): Promise<readonly PromiseSettledResult<unknown>[]> {
    const pipeline = [...commands.map((command) => ['call', ...command]), ['wait', waitReplicas, PATIENCE_MILLISECONDS]]
    const replies = (await client.pipeline(pipeline).exec()) ?? []
    const [waitError, replicas] = replies[commands.length] ?? [new Error('no answer'), undefined]
    const missing =
      waitError ??
      (typeof replicas === 'number' && replicas >= waitReplicas
        ? undefined
        : new Error(`${String(replicas)} of ${waitReplicas} replicas have it`))
    return commands.map((_, index) => {
      const [error, reply] = replies[index] ?? [new Error('no answer'), undefined]
      const reason = error ?? missing
      return reason ? { status: 'rejected', reason } : { status: 'fulfilled', value: reply }
    })
  }

  const write = isOneServer(client) ? inBatches(together) : alone

  /** In a Cluster, nothing tells which commands go to one node. */
  async function alone(command: Command): Promise<unknown> {
    const [first] = await together([command])
    // A pipeline does not follow its slot to another node; a command does, and ioredis remembers the way. Running it twice
    // changes nothing: that is so of every command that is waited for.
    if (first?.status === 'rejected' && isRedirection(first.reason)) await run(...command)
    else return settled(first)
    const [second] = await together([command])
    return settled(second)
  }

  return (...command) => bounded(client, command[0], () => write(command))
}

/** What comes while the replicas are waited for waits for them together, next. */
function inBatches(
  together: (commands: readonly Command[]) => Promise<readonly PromiseSettledResult<unknown>[]>,
): (command: Command) => Promise<unknown> {
  let waiting: Waiting[] = []
  let writing = false

  async function writeAll(): Promise<void> {
    writing = true
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MOST_AT_ONCE)
      waiting = waiting.slice(MOST_AT_ONCE)
      try {
        const results = await together(batch.map(({ command }) => command))
        for (const [index, { resolve, reject }] of batch.entries()) settled(results[index]).then(resolve, reject)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    writing = false
  }

  return (command) =>
    new Promise((resolve, reject) => {
      waiting.push({ command, resolve, reject })
      if (!writing) void writeAll()
    })
}

async function settled(result: PromiseSettledResult<unknown> | undefined): Promise<unknown> {
  if (result?.status === 'fulfilled') return result.value
  throw result?.reason
}

const isRedirection = (error: unknown): boolean =>
  error instanceof Error && /^(?:MOVED|ASK|TRYAGAIN) /.test(error.message)
