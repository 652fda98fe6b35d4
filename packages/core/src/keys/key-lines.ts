import type { EpochSeconds } from '../domain/epoch-seconds.ts'
import type { SigningAlgorithm, SigningKeyRecord } from '../domain/signing-key.ts'
import {
  inOrder,
  type KeyState,
  leadOf,
  nextSignsFrom,
  outlivedKey,
  type RotationSchedule,
} from './rotation-schedule.ts'

/** The algorithms in use: the server's own first, then those that resources want. */
export type AlgorithmsInUse = readonly [SigningAlgorithm, ...SigningAlgorithm[]]

/**
 * What is known of a key here. Keys are in the order in which they sign. Those of one algorithm in use are a *line*, in which
 * each takes the place of the one before; keys of other algorithms signed until the server's own algorithm was changed.
 */
type Timed = Pick<SigningKeyRecord, 'kid' | 'alg' | 'signsFrom' | 'createdAt'>

/** A set is being born for that long: nodes of one service that start together come to one set of keys. */
const BIRTH_SECONDS = 60

/** The keys that take each other's place for an algorithm; for the server's own, while it has none, those of before. */
export function lineOf<Key extends Timed>(
  keys: readonly Key[],
  algorithms: AlgorithmsInUse,
  alg: SigningAlgorithm,
): readonly Key[] {
  const line = keys.filter((key) => key.alg === alg)
  if (line.length > 0 || alg !== algorithms[0]) return line
  const former = keys.filter((key) => !algorithms.includes(key.alg))
  return former.length > 0 ? former : keys
}

/**
 * The key that signs for an algorithm: the last one of its line whose time has come. For the server's own, until then, one
 * of those of before. Where no key's time has come, which only a clock that is behind can make so, the first: it is
 * published, too.
 */
export function keyThatSigns<Key extends Timed>(
  keys: readonly Key[],
  algorithms: AlgorithmsInUse,
  now: EpochSeconds,
  alg: SigningAlgorithm = algorithms[0],
): Key | undefined {
  const hasCome = ({ signsFrom }: Key): boolean => signsFrom <= now
  const line = lineOf(keys, algorithms, alg)
  const key = line.findLast(hasCome)
  if (key !== undefined) return key
  if (!keys.some(hasCome)) return line[0]
  if (alg !== algorithms[0]) return undefined
  return keys.findLast((other) => hasCome(other) && !algorithms.includes(other.alg)) ?? keys.findLast(hasCome)
}

/**
 * The next key to announce, if it is time for one. Of a set that is being born every key signs at once, since nobody can
 * have kept a set without it; it is born with the key of the server's own algorithm, which therefore comes last.
 */
export function dueKey(
  keys: readonly Timed[],
  algorithms: AlgorithmsInUse,
  now: EpochSeconds,
  schedule: RotationSchedule,
): { readonly alg: SigningAlgorithm; readonly signsFrom: EpochSeconds } | undefined {
  const others: readonly SigningAlgorithm[] = algorithms.slice(1)
  const isNewborn = keys.every((key) => others.includes(key.alg) && key.createdAt + BIRTH_SECONDS > now)
  for (const alg of algorithms.toReversed()) {
    const line = lineOf(keys, algorithms, alg)
    const isMissing = line.length === 0 || (isNewborn && alg === algorithms[0])
    const first = isNewborn ? now : now + leadOf(schedule)
    const signsFrom = isMissing ? first : nextSignsFrom(line, now, schedule)
    if (signsFrom !== undefined) return { alg, signsFrom }
  }
  return undefined
}

/** A key whose last token has expired everywhere, if there is one. */
export function keyToRemove<Key extends Timed>(
  keys: readonly Key[],
  algorithms: AlgorithmsInUse,
  now: EpochSeconds,
  schedule: RotationSchedule,
): Key | undefined {
  const own = lineOf(keys, algorithms, algorithms[0])
  return keys.find((key) => {
    // What is of no line was followed by the first key of the server's own line that came after it.
    const line = algorithms.includes(key.alg) ? lineOf(keys, algorithms, key.alg) : own
    const successor = line.find((other) => inOrder(key, other) < 0)
    return successor !== undefined && outlivedKey([key, successor], now, schedule) === key
  })
}

/** What a key is at this moment. */
export function stateOf<Key extends Timed>(
  key: Key,
  keys: readonly Key[],
  algorithms: AlgorithmsInUse,
  now: EpochSeconds,
): KeyState {
  if (algorithms.some((alg) => keyThatSigns(keys, algorithms, now, alg) === key)) return 'signing'
  return key.signsFrom > now ? 'announced' : 'retired'
}
