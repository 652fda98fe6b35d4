/** The part of an ioredis client that reading and writing takes: a `Redis` and a `Cluster` both have it. */
export interface RedisCommands {
  call(command: string, ...args: (string | number)[]): Promise<unknown>
  pipeline(commands: unknown[][]): { exec(): Promise<[error: Error | null, result: unknown][] | null> }
}

/** Runs one command. Rejects with an error whose message is safe to log. */
export type Run = (command: string, ...args: (string | number)[]) => Promise<unknown>

/** How many commands of one client may be unanswered at once. */
export const MOST_IN_FLIGHT = 10_000

/** What whoever is one too many is told. */
export const tooSlow = (): Error => new Error(`Redis is too slow: ${MOST_IN_FLIGHT} commands wait for an answer`)

/** One count for each client, however many ports share it. */
const inFlight = new WeakMap<RedisCommands, { count: number }>()

/** Runs commands on a client. What would be too many at once is refused instead of queued. */
export function runOn(client: RedisCommands): Run {
  return (command, ...args) => bounded(client, command, () => client.call(command, ...args))
}

/** Runs commands at once, of which each is worth a packet of its own: it does not wait for others of this turn of the event loop. */
export function runAtOnceOn(client: RedisCommands): Run {
  return (command, ...args) =>
    bounded(client, command, async () => {
      const [[error, reply] = [new Error('no answer'), undefined]] =
        (await client.pipeline([['call', command, ...args]]).exec()) ?? []
      if (error) throw error
      return reply
    })
}

/**
 * Asks something of a client, unless too many questions are open.
 *
 * @throws Error without the arguments of the command, which ioredis adds to its own: they hold what clients are.
 */
export async function bounded<T>(client: RedisCommands, what: string, ask: () => Promise<T>): Promise<T> {
  const open = inFlight.get(client) ?? { count: 0 }
  inFlight.set(client, open)
  if (open.count >= MOST_IN_FLIGHT) throw tooSlow()
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

/** Whether all keys lie on one server: a `Cluster` has nodes. */
export const isOneServer = (client: RedisCommands): boolean => !('nodes' in client)
