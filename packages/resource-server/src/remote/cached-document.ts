import { type Clock, type EpochSeconds, OAuthError } from '@latchkey/core'
import { cannotKnow } from '../cannot-know.ts'

/** A document of the issuer, as it was read, and for how long the issuer lets it be kept. */
export interface Loaded<Value> {
  readonly value: Value
  readonly maxAgeSeconds: number | undefined
}

/** A document of another server that is asked for as seldom as that server allows. */
export interface CachedDocument<Value> {
  /** The document. @throws OAuthError `temporarily_unavailable` when it cannot be had. */
  get(): Promise<Value>
  /** The document as it is now, or as it was within the cool-down. @throws as `get` does. */
  renewed(): Promise<Value>
}

/** What {@link createCachedDocument} takes. */
export interface CachedDocumentDeps<Value> {
  /** Names the document in what the operator reads. */
  readonly name: string
  load(): Promise<Loaded<Value>>
  readonly clock: Clock
  /** How much longer a document serves while the issuer is away, in seconds. */
  readonly outageSeconds: number
  /** Hears of each attempt that failed. */
  onFailure(failure: OAuthError): void
}

/** How long a document is fresh where its server does not say, and at most, in seconds. */
const FRESH_SECONDS = { default: 300, min: 1, max: 600 } as const

/** The least time between two attempts, in seconds: whoever sends unknown key ids causes no more of them. */
const COOL_DOWN_SECONDS = 10
/** The same after a failure: the issuer may be back. */
const COOL_DOWN_AFTER_FAILURE_SECONDS = 5

interface Kept<Value> {
  readonly value: Value
  readonly freshUntil: EpochSeconds
}

/** Keeps a document while it is fresh, loads it once for all who wait, and keeps using it for a bounded time while nobody answers. */
export function createCachedDocument<Value>(deps: CachedDocumentDeps<Value>): CachedDocument<Value> {
  const { name, clock, outageSeconds } = deps
  let kept: Kept<Value> | undefined
  let failure: OAuthError | undefined
  let triedAt: EpochSeconds | undefined
  let underWay: Promise<Value> | undefined

  async function attempt(): Promise<Value> {
    triedAt = clock.now()
    try {
      const { value, maxAgeSeconds = FRESH_SECONDS.default } = await deps.load()
      const freshFor = Math.min(Math.max(maxAgeSeconds, FRESH_SECONDS.min), FRESH_SECONDS.max)
      // Counted from before the request: what came back may be as old as that.
      kept = { value, freshUntil: triedAt + freshFor }
      failure = undefined
      return value
    } catch (error) {
      failure = error instanceof OAuthError ? error : cannotKnow(`${name}: ${(error as Error).message}`, error)
      // An `OAuthError` comes of another document, which this one needs, and was told already.
      if (failure !== error) deps.onFailure(failure)
      throw failure
    }
  }

  function load(): Promise<Value> {
    underWay ??= attempt().finally(() => {
      underWay = undefined
    })
    return underWay
  }

  /** A clock that was set back must not keep anything for longer. */
  const isWithin = (seconds: number): boolean => {
    const now = clock.now()
    return triedAt !== undefined && now >= triedAt && now < triedAt + seconds
  }

  const usable = (extraSeconds: number): Value | undefined =>
    kept !== undefined && clock.now() < kept.freshUntil + extraSeconds ? kept.value : undefined

  return {
    async get() {
      const fresh = usable(0)
      if (fresh !== undefined) return fresh
      const old = usable(outageSeconds)
      if (failure !== undefined) {
        const coolingDown = isWithin(COOL_DOWN_AFTER_FAILURE_SECONDS)
        if (old === undefined && coolingDown) throw failure
        if (old !== undefined) {
          // Once the issuer has failed, nobody waits for it while there is something to go by.
          if (!coolingDown) load().catch(() => undefined)
          return old
        }
      }
      try {
        return await load()
      } catch (error) {
        const still = usable(outageSeconds)
        if (still === undefined) throw error
        return still
      }
    },
    async renewed() {
      if (underWay !== undefined) return underWay
      if (failure !== undefined && isWithin(COOL_DOWN_AFTER_FAILURE_SECONDS)) throw failure
      const old = usable(outageSeconds)
      if (old !== undefined && isWithin(COOL_DOWN_SECONDS)) return old
      return load()
    },
  }
}
