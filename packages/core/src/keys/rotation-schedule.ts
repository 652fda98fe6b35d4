import type { EpochSeconds } from '../domain/epoch-seconds.ts'
import type { SigningKeyRecord } from '../domain/signing-key.ts'

/** When keys come and go, in seconds. */
export interface RotationSchedule {
  /** How long a key signs. */
  readonly rotateEverySeconds: number
  /** For how long caches may keep the published keys. */
  readonly publishedForSeconds: number
  /** How long it takes at most until every node has seen a change. */
  readonly refreshSeconds: number
  /** How far the clocks of nodes and APIs may be apart. */
  readonly clockSkewSeconds: number
  /** The longest life of a token. */
  readonly longestTokenSeconds: number
}

/** What a key is at a moment: *announced* and published, *signing*, or *retired* and still published. */
export type KeyState = 'announced' | 'signing' | 'retired'

type Timed = Pick<SigningKeyRecord, 'kid' | 'signsFrom'>

/** In the order in which they sign. Every node puts them into the same one. */
export const inOrder = (a: Timed, b: Timed): number => a.signsFrom - b.signsFrom || (a.kid < b.kid ? -1 : 1)

/** How long a key is published before it signs: no cache may be without it by then. */
export const leadOf = ({ publishedForSeconds, refreshSeconds, clockSkewSeconds }: RotationSchedule): number =>
  publishedForSeconds + refreshSeconds + clockSkewSeconds

/** When the next key is to sign, if it is time to announce it; the keys are in order. */
export function nextSignsFrom(
  ordered: readonly Timed[],
  now: EpochSeconds,
  schedule: RotationSchedule,
): EpochSeconds | undefined {
  const newest = ordered.at(-1)
  // Nobody can have kept a set in which there was none.
  if (newest === undefined) return now
  const due = newest.signsFrom + schedule.rotateEverySeconds
  const lead = leadOf(schedule)
  return due - lead <= now ? Math.max(due, now + lead) : undefined
}

/** A key whose last token has expired everywhere, if there is one; the keys are in order. */
export const outlivedKey = <Key extends Timed>(
  ordered: readonly Key[],
  now: EpochSeconds,
  { longestTokenSeconds, clockSkewSeconds, refreshSeconds }: RotationSchedule,
): Key | undefined =>
  ordered.find((_, index) => {
    const successor = ordered[index + 1]
    return (
      successor !== undefined && successor.signsFrom + longestTokenSeconds + clockSkewSeconds + refreshSeconds < now
    )
  })
