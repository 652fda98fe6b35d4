import { setTimeout as pause } from 'node:timers/promises'
import type { ClientChanges } from '@latchkey/core'
import type { Listening, ListeningConnection } from './listening.ts'
import { listen } from './listening.ts'
import { channelOf, quotedSchema } from './schema.ts'

/** What {@link createPostgresClientChanges} may be given. */
export interface ClientChangesOptions {
  /** The schema whose clients are meant. `latchkey` unless given. */
  readonly schema?: string
  /** How often is looked whether the connection is alive, in milliseconds. 2000 unless given. */
  readonly probeEvery?: number
  /** How long the database may take to answer that, in milliseconds. 1000 unless given. */
  readonly patience?: number
}

const FIRST_REST_MILLISECONDS = 100
const LONGEST_REST_MILLISECONDS = 5000

/**
 * Hears of changed clients by `LISTEN`, on a connection of its own for each subscription, which is made anew whenever it
 * breaks. What happened in between is not heard of: after every new connection it tells `all`.
 *
 * @param connectionOf makes a `pg.Client` that is not connected yet. It must reach the database itself, not a pooler.
 * @throws TypeError when the schema is no name that Latchkey takes.
 */
export function createPostgresClientChanges(
  connectionOf: () => ListeningConnection,
  { schema, probeEvery = 2000, patience = 1000 }: ClientChangesOptions = {},
): ClientChanges {
  quotedSchema(schema)
  const channel = channelOf(schema)

  return {
    async subscribe(onChange) {
      const ended = new AbortController()
      const { signal } = ended
      const onMessage = (payload: string): void => {
        if (!signal.aborted) onChange(payload)
      }
      const open = () => listen({ connection: connectionOf(), channel, onMessage, probeEvery, patience })
      let current = await open()
      onChange('all')
      const keeping = keepListening()

      async function keepListening(): Promise<void> {
        for (;;) {
          await current.lost
          const next = await reopened(open, signal)
          if (next === undefined) return
          current = next
          if (!signal.aborted) onChange('all')
        }
      }

      return async () => {
        ended.abort()
        await current.end()
        await keeping
      }
    },
  }
}

/** Tries until it succeeds, more and more seldom; `undefined` once nobody wants it any more. */
async function reopened(open: () => Promise<Listening>, signal: AbortSignal): Promise<Listening | undefined> {
  for (let rest = FIRST_REST_MILLISECONDS; !signal.aborted; rest = Math.min(2 * rest, LONGEST_REST_MILLISECONDS)) {
    const listening = await open().catch(() => undefined)
    if (listening !== undefined && !signal.aborted) return listening
    await listening?.end()
    // Not all at once, where many nodes lost the same database.
    await pause(rest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined)
  }
  return undefined
}
