import type { RedisCommands, Run } from './commands.ts'
import { bounded, runOn } from './commands.ts'

/** How long replicas may take, in milliseconds: less than a command may. */
const PATIENCE_MILLISECONDS = 800

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

  /** One pipeline, since `WAIT` waits for what its own connection wrote, and in a Cluster must reach the same node. */
  async function waitFor(command: string, args: readonly (string | number)[]): Promise<unknown> {
    const replies = await client
      .pipeline([
        [command, ...args],
        ['wait', waitReplicas, PATIENCE_MILLISECONDS],
      ])
      .exec()
    const [[writeError, written] = [], [waitError, replicas] = []] = replies ?? []
    const error = writeError ?? waitError
    if (error) throw error
    if (typeof replicas !== 'number' || replicas < waitReplicas)
      throw new Error(`${String(replicas)} of ${waitReplicas} replicas have it`)
    return written
  }

  return (command, ...args) => bounded(client, command, () => waitFor(command, args))
}
