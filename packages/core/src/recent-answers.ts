/** What {@link createRecentAnswers} takes. */
export interface RecentAnswersDeps<Found> {
  /** Asks the backend. */
  readonly ask: (id: string) => Promise<Found | undefined>
  /** Lets through what can be used. @throws when a record is broken. */
  readonly readable: (found: Found | undefined, id: string) => Found | undefined
  /** How many are held at most. */
  readonly capacity: number
  /** How long an answer is believed, in milliseconds. */
  readonly maxAgeMs: number
}

/** What was found a moment ago, without asking the backend again. */
export interface RecentAnswers<Found> {
  find(id: string): Promise<Found | undefined>
  /** Forgets what is known of one, and what is being looked up. */
  forget(id: string): void
  forgetAll(): void
  /** How long answers that are found from now on are believed, in milliseconds. */
  believeFor(milliseconds: number): void
  /** Remembers nothing from now on. */
  close(): void
}

/** How many records a cache holds where nothing else is said. */
export const DEFAULT_CACHE_CAPACITY = 10_000

/** Ids that nobody holds: anybody can ask for any number of them, so they never take the place of what is there. */
const MOST_ABSENT = 1_000
const ABSENT_FOR_MS = 1_000
/** A look-up that takes longer may never end: who asks then begins another. */
const JOINED_FOR_MS = 1_000

interface Answer<Found> {
  /** Resolved already, so that a hit makes nothing. */
  readonly found: Promise<Found | undefined>
  readonly until: number
}

interface LookUp<Found> {
  readonly begunAt: number
  readonly found: Promise<Found | undefined>
}

/**
 * Those who ask for one at a time share one look-up. A look-up that began before it was forgotten is made again, and nobody
 * is given what it found. Age counts from the moment at which a look-up began. Failures are not remembered; that there is
 * nothing is, for a second at most.
 */
export function createRecentAnswers<Found>({
  ask,
  readable,
  capacity,
  maxAgeMs,
}: RecentAnswersDeps<Found>): RecentAnswers<Found> {
  const present = new Map<string, Answer<Found>>()
  const absent = new Map<string, Answer<Found>>()
  const lookUps = new Map<string, LookUp<Found>>()
  let believedFor = maxAgeMs
  let isClosed = false

  function forget(id: string): void {
    present.delete(id)
    absent.delete(id)
    lookUps.delete(id)
  }

  function forgetAll(): void {
    present.clear()
    absent.clear()
    lookUps.clear()
  }

  function remember(id: string, found: Found | undefined, begunAt: number): void {
    present.delete(id)
    absent.delete(id)
    const [answers, most, age] =
      found === undefined
        ? [absent, MOST_ABSENT, Math.min(believedFor, ABSENT_FOR_MS)]
        : [present, capacity, believedFor]
    // The first one is the oldest, since what is found again is put in anew.
    if (answers.size >= most) answers.delete(answers.keys().next().value as string)
    answers.set(id, { found: Promise.resolve(found), until: begunAt + age })
  }

  // Asynchronous, so that what throws at once fails like everything else: after the look-up is known.
  const askLater = async (id: string): Promise<Found | undefined> => ask(id)

  async function lookUp(id: string, begunAt: number, isCurrent: () => boolean): Promise<Found | undefined> {
    try {
      const found = frozenCopy(readable(await askLater(id), id))
      if (!isCurrent()) return await find(id)
      remember(id, found, begunAt)
      return found
    } finally {
      if (isCurrent()) lookUps.delete(id)
    }
  }

  function find(id: string): Promise<Found | undefined> {
    if (isClosed) return ask(id)
    const now = performance.now()
    const answer = present.get(id) ?? absent.get(id)
    if (answer !== undefined && now < answer.until) return answer.found
    const underWay = lookUps.get(id)
    if (underWay !== undefined && now < underWay.begunAt + Math.min(believedFor, JOINED_FOR_MS)) return underWay.found
    const found = lookUp(id, now, () => lookUps.get(id)?.found === found)
    lookUps.set(id, { begunAt: now, found })
    return found
  }

  return {
    find,
    forget,
    forgetAll,
    believeFor(milliseconds) {
      believedFor = milliseconds
    },
    close() {
      isClosed = true
      forgetAll()
    },
  }
}

/** Everybody is given the same one, and nobody can change it. */
const frozenCopy = <Found>(found: Found | undefined): Found | undefined => deepFrozen(structuredClone(found))

function deepFrozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  for (const member of Object.values(value)) deepFrozen(member)
  return Object.freeze(value)
}

/** An option that is a number above 0. @throws TypeError that names it. */
export function positive(name: string, value: number): number {
  if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value
  throw new TypeError(`${name} must be a number above 0`)
}
