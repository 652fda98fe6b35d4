import type { Redis } from 'ioredis'
import type { RedisCommands } from './commands.ts'
import { runOn } from './commands.ts'
import { nonce } from './digest.ts'
import type { Keys } from './keys.ts'
import type { RedisClient } from './redis-client.ts'
import { openSubscriber } from './subscriber.ts'

/** What {@link createSubscription} takes. */
export interface SubscriptionDeps {
  readonly client: RedisClient & RedisCommands
  readonly keys: Keys
  readonly onChange: (id: string) => void
}

/** One subscription to changes of clients, over as many connections as it takes. */
export interface Subscription {
  /** @throws Error when the first connection fails; nothing is tried again then. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** A connection on which nothing came for so long is dead, in milliseconds, whatever its socket says. */
const BEAT_MILLISECONDS = 2000

const RETRY_MILLISECONDS = 250

/**
 * Hears itself: what it publishes through the client must come back through the subscriber. So it notices a connection that
 * died silently, and a node that the rest of its Cluster cannot reach.
 */
export function createSubscription({ client, keys, onChange }: SubscriptionDeps): Subscription {
  const run = runOn(client)
  const beat = keys.beat(nonce())
  let subscriber: Redis | undefined
  let awaitsBeat = false
  let stopped = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let opening: Promise<void> | undefined

  function onMessage(channel: string, message: string): void {
    if (channel === beat) awaitsBeat = false
    else if (!stopped) onChange(message)
  }

  async function open(): Promise<void> {
    const opened = await openSubscriber(client, [keys.changes, beat], onMessage)
    if (stopped) {
      opened.disconnect()
      return
    }
    subscriber = opened
    awaitsBeat = false
    opened.once('end', reopenLater)
    schedule(beatOnce, BEAT_MILLISECONDS)
    // Whatever changed while there was no connection was not heard.
    onChange('all')
  }

  function reopenLater(): void {
    subscriber = undefined
    schedule(reopen, RETRY_MILLISECONDS)
  }

  function reopen(): void {
    opening = open().catch(reopenLater)
  }

  function beatOnce(): void {
    if (awaitsBeat) {
      subscriber?.disconnect()
      return
    }
    awaitsBeat = true
    // Where it cannot be published, nothing is known about the subscriber.
    run('PUBLISH', beat, '').catch(() => {
      awaitsBeat = false
    })
    schedule(beatOnce, BEAT_MILLISECONDS)
  }

  function schedule(step: () => void, milliseconds: number): void {
    clearTimeout(timer)
    if (!stopped) timer = setTimeout(step, milliseconds)
  }

  return {
    start: open,
    async stop() {
      stopped = true
      clearTimeout(timer)
      subscriber?.disconnect()
      // What was just being opened is closed at once.
      await opening
    },
  }
}
