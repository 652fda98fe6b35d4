import type { Emit } from './domain/event.ts'
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from './domain/signing-key.ts'
import { OAuthError } from './errors.ts'
import { createEventDispatcher, type EventListener } from './event-dispatcher.ts'
import { guardKeys } from './guarded-ports.ts'
import { createKeyRing, type KeyRing } from './keys/key-ring.ts'
import { type MasterKeyOptions, masterKeysOf } from './keys/master-key.ts'
import type { RotationSchedule } from './keys/rotation-schedule.ts'
import { type Clock, systemClock } from './ports/clock.ts'
import type { SigningKeyStore } from './ports/signing-key-store.ts'

/** What {@link openKeyRing} takes. */
export interface KeyRingOptions extends Partial<RotationSchedule>, MasterKeyOptions {
  readonly store: SigningKeyStore
  /**
   * Of new keys; by default that of the newest key, and `ES256` for the first. Another one than before is announced at once,
   * and signs when its time has come. Of several the first is the server's own; there are keys of the others for resources
   * that want them. The same on every node.
   */
  readonly alg?: SigningAlgorithm | readonly [SigningAlgorithm, ...SigningAlgorithm[]] | undefined
  readonly clock?: Clock | undefined
  /** Hears of keys that come and go, and of what stands in their way. */
  readonly onEvent?: EventListener | undefined
}

/** A key ring that keeps itself up to date until it is closed. */
export interface OpenKeyRing extends KeyRing {
  /** Ends its looking at the store. Idempotent. */
  close(): Promise<void>
}

const DAY = 86_400

/** A key signs for a season; a JWT may live for a month; caches keep the keys for five minutes. */
const DEFAULT_SCHEDULE: RotationSchedule = {
  rotateEverySeconds: 90 * DAY,
  publishedForSeconds: 300,
  refreshSeconds: 10,
  clockSkewSeconds: 60,
  longestTokenSeconds: 30 * DAY,
}

/**
 * Opens the signing keys of a store, makes the first one where there is none, and from then on rotates them by itself: a
 * key is announced, signs, retires, and is removed when its last token has expired. Several nodes on one store make one
 * key at a time. While the store is away, the keys that are known go on, and an event says so.
 *
 * @throws TypeError that names the option which is wrong.
 * @throws OAuthError `temporarily_unavailable` when the store is away.
 * @throws Error when no key of the store can be used.
 */
export async function openKeyRing(options: KeyRingOptions): Promise<OpenKeyRing> {
  const { emit, flush } = createEventDispatcher(options.onEvent ?? (() => undefined))
  const algorithms = algorithmsOf(options)
  const schedule = resolveSchedule(options)
  const clock = options.clock ?? systemClock
  const ring = createKeyRing({
    store: guardKeys(options.store),
    masterKeys: masterKeysOf(options),
    algorithms,
    schedule,
    clock,
    emit,
  })
  await ring.refresh()
  if (algorithms !== undefined) {
    const [own, ...others] = algorithms
    if (ring.list().findLast(({ alg }) => !others.includes(alg))?.alg !== own) await ring.rotate()
  }
  const stop = repeat(() => ring.refresh(), { seconds: schedule.refreshSeconds, clock, emit })
  return {
    ...ring,
    async close() {
      await stop()
      flush()
    },
  }
}

function algorithmsOf({ alg }: KeyRingOptions): readonly [SigningAlgorithm, ...SigningAlgorithm[]] | undefined {
  if (alg === undefined) return undefined
  const [own, ...others] = typeof alg === 'string' ? [alg] : Array.isArray(alg) ? alg : []
  if (own === undefined || ![own, ...others].every((name) => SIGNING_ALGORITHMS.includes(name)))
    throw new TypeError(`alg must be one of ${SIGNING_ALGORITHMS.join(', ')}, or a list of at least one`)
  if (new Set([own, ...others]).size <= others.length) throw new TypeError('alg must name each algorithm once')
  return [own, ...others]
}

/** Does something again and again, once at a time, until it is stopped. A failure is told, and the next time comes. */
function repeat(
  task: () => Promise<void>,
  { seconds, clock, emit }: { readonly seconds: number; readonly clock: Clock; readonly emit: Emit },
): () => Promise<void> {
  let running: Promise<void> | undefined
  const timer = setInterval(() => {
    running ??= task()
      .catch((error: unknown) =>
        emit({ type: 'signing_keys_stale', at: clock.now(), requestId: 'none', reason: reasonOf(error) }),
      )
      .finally(() => {
        running = undefined
      })
  }, seconds * 1000)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await running
  }
}

const reasonOf = (error: unknown): string => {
  if (error instanceof OAuthError) return error.reason ?? error.message
  return error instanceof Error ? error.message : 'the store failed'
}

function resolveSchedule(options: Partial<RotationSchedule>): RotationSchedule {
  const schedule: RotationSchedule = { ...DEFAULT_SCHEDULE }
  for (const name of Object.keys(DEFAULT_SCHEDULE) as (keyof RotationSchedule)[]) {
    const seconds = options[name] ?? DEFAULT_SCHEDULE[name]
    const least = name === 'publishedForSeconds' || name === 'clockSkewSeconds' ? 0 : 1
    if (!Number.isSafeInteger(seconds) || seconds < least)
      throw new TypeError(`${name} must be a whole number of seconds from ${least}`)
    Object.assign(schedule, { [name]: seconds })
  }
  return schedule
}
