import type { Clock, RefusedDocument, RemoteDocument, RemoteDocuments } from '@latchkey/core'
import { type FetchDocument, fetchableUrl } from './fetch-document.ts'
import type { HostTurns } from './host-turns.ts'

/** What {@link createKeptDocuments} takes. */
export interface KeptDocumentsDeps {
  readonly fetch: FetchDocument
  readonly turns: HostTurns
  readonly clock: Clock
  /** How many documents are held at most. */
  readonly capacity: number
}

/** For how long a document is used that its host no longer gives, in seconds from when it was fetched. */
const USABLE_FOR = 6 * 3600
/** How long a host that failed is left alone, and how long a host's refusal is believed, in seconds. */
const LEFT_ALONE_FOR = 10
const REFUSED_FOR = 60

type Answer = RemoteDocument | RefusedDocument

/** What is known of an address. */
interface Kept {
  /** `undefined` where its host never answered. */
  readonly answer: Answer | undefined
  readonly freshUntil: number
  readonly usableUntil: number
  /** Why it could not be had the last time. */
  readonly failure?: Error
  /** Until then it is not asked for again, because it failed. */
  readonly aloneUntil: number
}

/**
 * Remembers documents for as long as their hosts allow, within bounds. Those who ask for one at a time share one fetch. While
 * a host is away what it gave last is used, for six hours at most; another answer of its own ends this.
 */
export function createKeptDocuments({ fetch, turns, clock, capacity }: KeptDocumentsDeps): RemoteDocuments {
  const kept = new Map<string, Kept>()
  const underWay = new Map<string, Promise<Answer>>()

  function keep(address: string, entry: Kept): void {
    kept.delete(address)
    // The first one is the one that was fetched longest ago.
    if (kept.size >= capacity) kept.delete(kept.keys().next().value as string)
    kept.set(address, entry)
  }

  /** What an address gave last, as long as it may be used. @throws why it cannot be had. */
  function lastOf({ answer, usableUntil, failure }: Kept): Answer {
    if (answer !== undefined && clock.now() < usableUntil) return answer
    throw failure ?? new Error('it was never had')
  }

  async function fetchAnew(address: string): Promise<Answer> {
    try {
      const fetched = await turns.take(fetchableUrl(address).host, () => fetch(address))
      const now = clock.now()
      const isDocument = 'text' in fetched
      const answer = Object.freeze(isDocument ? { text: fetched.text } : { reason: fetched.reason })
      const freshUntil = now + (isDocument ? fetched.lifetimeSeconds : REFUSED_FOR)
      keep(address, { answer, freshUntil, usableUntil: now + USABLE_FOR, aloneUntil: 0 })
      return answer
    } catch (error) {
      const failure = error instanceof Error ? error : new Error('it failed')
      const { answer, usableUntil = 0 } = kept.get(address) ?? {}
      const after: Kept = { answer, freshUntil: 0, usableUntil, failure, aloneUntil: clock.now() + LEFT_ALONE_FOR }
      keep(address, after)
      return lastOf(after)
    }
  }

  function shared(address: string): Promise<Answer> {
    const joined = underWay.get(address)
    if (joined !== undefined) return joined
    const fetching = fetchAnew(address).finally(() => underWay.delete(address))
    underWay.set(address, fetching)
    return fetching
  }

  const isAlone = ({ aloneUntil }: Kept): boolean => clock.now() < aloneUntil

  return {
    async find(address) {
      const known = kept.get(address)
      if (known !== undefined && (clock.now() < known.freshUntil || isAlone(known))) return lastOf(known)
      return shared(address)
    },
    async refetch(address) {
      const known = kept.get(address)
      return known !== undefined && isAlone(known) ? lastOf(known) : shared(address)
    },
  }
}
