/** The part of an ioredis client that reading and writing takes: a `Redis` and a `Cluster` both have it. */
export interface RedisCommands {
  call(command: string, ...args: (string | number)[]): Promise<unknown>
  pipeline(commands: unknown[][]): { exec(): Promise<[error: Error | null, result: unknown][] | null> }
}

/** Runs one command. Rejects with an error whose message is safe to log. */
export type Run = (command: string, ...args: (string | number)[]) => Promise<unknown>

/** How many commands of one client may be unanswered at once. */
const MOST_IN_FLIGHT = 10_000

/** One count for each client, however many ports share it. */
const inFlight = new WeakMap<RedisCommands, { count: number }>()

/** Runs commands on a client. What would be too many at once is refused instead of queued. */
export function runOn(client: RedisCommands): Run {
  return (command, ...args) => bounded(client, command, () => client.call(command, ...args))
}

/**
 * Asks something of a client, unless too many questions are open.
 *
 * @throws Error without the arguments of the command, which ioredis adds to its own: they hold what clients are.
 */
export async function bounded<T>(client: RedisCommands, what: string, ask: () => Promise<T>): Promise<T> {
  const open = inFlight.get(client) ?? { count: 0 }
  inFlight.set(client, open)
  if (open.count >= MOST_IN_FLIGHT) throw new Error(`Redis is too slow: ${MOST_IN_FLIGHT} commands wait for an answer`)
  open.count++
  try {
    return await ask()
  } catch (error) {
    throw failureOf(what, error)
  } finally {
    open.count--
  }
}

/** ioredis hangs the command with its arguments on its errors, for any logger to find. */
export const failureOf = (what: string, error: unknown): Error =>
  new Error(`Redis failed at ${what}: ${error instanceof Error ? error.message : String(error)}`)
