import type { Clock, EpochSeconds, JsonObject } from '@latchkey/core'

/** Remembers what the introspection endpoint said of active tokens. */
export interface IntrospectionCache {
  get(id: string): JsonObject | undefined
  set(id: string, answer: JsonObject): void
}

/** What {@link createIntrospectionCache} takes. */
export interface IntrospectionCacheDeps {
  readonly clock: Clock
  /** The longest that an answer is kept; 0 keeps none. */
  readonly seconds: number
  readonly maxEntries: number
}

interface Entry {
  readonly answer: JsonObject
  readonly since: EpochSeconds
  readonly until: EpochSeconds
}

/**
 * Keeps an answer until the token expires, and no longer than it is told to. It is bounded: where it is full the oldest
 * answer goes. Only tokens that were found active get in, so that strangers cannot drive the others out.
 */
export function createIntrospectionCache({ clock, seconds, maxEntries }: IntrospectionCacheDeps): IntrospectionCache {
  const entries = new Map<string, Entry>()
  return {
    get(id) {
      const entry = entries.get(id)
      if (entry === undefined) return undefined
      const now = clock.now()
      // A clock that was set back must not keep anything for longer.
      if (now >= entry.since && now < entry.until) return entry.answer
      entries.delete(id)
      return undefined
    },
    set(id, answer) {
      const since = clock.now()
      const { exp } = answer
      const until = Math.min(since + seconds, typeof exp === 'number' ? exp : since)
      entries.delete(id)
      if (until <= since) return
      if (entries.size >= maxEntries) {
        const oldest = entries.keys().next()
        if (!oldest.done) entries.delete(oldest.value)
      }
      entries.set(id, { answer, since, until })
    },
  }
}
