import { generatePrivateKey, type KeyObject, publicMembersOf, signWith } from '../crypto.ts'
import type { EpochSeconds } from '../domain/epoch-seconds.ts'
import type { Emit } from '../domain/event.ts'
import type { SigningAlgorithm, SigningKeyRecord, SigningKeySet } from '../domain/signing-key.ts'
import { thumbprintOf } from '../jose/thumbprint.ts'
import type { Clock } from '../ports/clock.ts'
import type { PublishedKey, Signer, SigningKey } from '../ports/signer.ts'
import type { SigningKeyStore } from '../ports/signing-key-store.ts'
import { type AlgorithmsInUse, dueKey, keyThatSigns, keyToRemove, lineOf, stateOf } from './key-lines.ts'
import type { MasterKey } from './master-key.ts'
import { inOrder, type KeyState, leadOf, type RotationSchedule } from './rotation-schedule.ts'
import { masterKeyNameOf, seal, unseal } from './sealed-key.ts'

/** What an operator may know of a key. */
export interface ListedKey {
  readonly kid: string
  readonly alg: SigningAlgorithm
  readonly state: KeyState
  readonly createdAt: EpochSeconds
  readonly signsFrom: EpochSeconds
  /** Names the master key that it is sealed with. A previous one may go when no key names it any more. */
  readonly sealedWith: string
}

/** The signing keys of a server, as this node knows them. The token path asks its memory and nobody else. */
export interface KeyRing extends Signer {
  /** The algorithms in use, each with keys of its own: the server's first, then those that are kept for resources. */
  algorithms(): readonly [SigningAlgorithm, ...SigningAlgorithm[]]
  /** The keys that can be used, in the order in which they sign. */
  list(): readonly ListedKey[]
  /** Asks the store, and does what is due. @throws when the store is away, or no key of it can be used. */
  refresh(): Promise<void>
  /**
   * Announces the next key of an algorithm in use now; of the server's own by default.
   *
   * @returns the key that is to sign next.
   * @throws TypeError when the algorithm is not in use.
   * @throws when the store is away.
   */
  rotate(alg?: SigningAlgorithm): Promise<ListedKey>
  /**
   * Removes a key at once: tokens that it signed are good no more. Where it signs, another takes its place at once.
   *
   * @returns false when there is no such key.
   * @throws when the store is away.
   */
  retireNow(kid: string): Promise<boolean>
}

/** What {@link createKeyRing} takes. */
export interface KeyRingDeps {
  readonly store: SigningKeyStore
  /** The first one seals; all of them are tried. */
  readonly masterKeys: readonly [MasterKey, ...MasterKey[]]
  /** The server's own, and those that resources want; where none is given that of the newest key, and `ES256` for the first. */
  readonly algorithms: AlgorithmsInUse | undefined
  readonly schedule: RotationSchedule
  readonly clock: Clock
  readonly emit: Emit
}

/** A key whose record was found good. */
interface HeldKey extends SigningKey, PublishedKey {
  readonly record: SigningKeyRecord
  readonly createdAt: EpochSeconds
  readonly signsFrom: EpochSeconds
}

/** More changes than this in one refresh are the work of a fault. */
const MOST_CHANGES = 50

/** An empty ring: {@link KeyRing.refresh} fills it. */
export function createKeyRing({ store, masterKeys, algorithms: chosen, schedule, clock, emit }: KeyRingDeps): KeyRing {
  /** Judged records by their text, so that each is opened, and complained of, once. */
  let judged = new Map<string, HeldKey | undefined>()
  let held: readonly HeldKey[] = []

  async function look(): Promise<SigningKeySet> {
    const set = await store.list()
    const before = judged
    judged = new Map(
      set.keys.map((record) => {
        const text = JSON.stringify(record)
        return [text, before.has(text) ? before.get(text) : judge(record)]
      }),
    )
    const good = [...judged.values()].filter((key) => key !== undefined).sort(inOrder)
    if (good.length === 0 && set.keys.length > 0)
      throw new Error(`none of the ${set.keys.length} signing keys can be used: is it the right master key?`)
    if (good.length !== held.length || good.some((key, index) => key !== held[index])) held = Object.freeze(good)
    return set
  }

  function judge(record: SigningKeyRecord): HeldKey | undefined {
    try {
      return heldKeyOf(record, unseal(record, masterKeys))
    } catch (error) {
      const { kid } = record
      const reason = error instanceof Error ? error.message : 'it cannot be read'
      emit({ type: 'signing_key_refused', at: clock.now(), requestId: 'none', kid: String(kid).slice(0, 64), reason })
      return undefined
    }
  }

  const algorithms = (): AlgorithmsInUse => chosen ?? [held.at(-1)?.alg ?? 'ES256']

  /** @returns whether the set was still the one of that generation. */
  async function add(alg: SigningAlgorithm, signsFrom: EpochSeconds, generation: number): Promise<boolean> {
    const { privateKey, publicKey, kid } = await newKeyPair(alg)
    const record = { kid, alg, publicKey, createdAt: clock.now(), signsFrom }
    const added = await store.add(seal(record, privateKey, masterKeys[0]), generation)
    if (added) emit({ type: 'signing_key_added', at: clock.now(), requestId: 'none', kid, alg, signsFrom })
    return added
  }

  async function remove(kid: string, generation: number): Promise<boolean> {
    const removed = await store.remove(kid, generation)
    if (removed) emit({ type: 'signing_key_removed', at: clock.now(), requestId: 'none', kid })
    return removed
  }

  /** Changes the set until `change` has nothing to do, each time by a decision on the set as it is: another node may be faster. */
  async function untilDone(
    change: (generation: number, kids: readonly string[]) => Promise<unknown> | undefined,
  ): Promise<void> {
    for (let changes = 0; changes < MOST_CHANGES; changes += 1) {
      const { generation, keys } = await look()
      const done = change(
        generation,
        keys.map(({ kid }) => kid),
      )
      if (done === undefined) return
      await done
    }
    throw new Error('the set of signing keys does not come to rest')
  }

  const listed = (key: HeldKey): ListedKey => ({
    kid: key.kid,
    alg: key.alg,
    state: stateOf(key, held, algorithms(), clock.now()),
    createdAt: key.createdAt,
    signsFrom: key.signsFrom,
    sealedWith: masterKeyNameOf(key.record),
  })

  return {
    publishedForSeconds: schedule.publishedForSeconds,
    longestTokenSeconds: schedule.longestTokenSeconds,
    signingKey(now, alg) {
      const key = keyThatSigns(held, algorithms(), now, alg)
      if (key === undefined) throw new Error(`there is no key ${alg === undefined ? '' : `of ${alg} `}to sign with yet`)
      return key
    },
    algorithms,
    publishedKeys: () => held,
    list: () => held.map(listed),
    refresh: () =>
      untilDone((generation) => {
        const now = clock.now()
        const due = dueKey(held, algorithms(), now, schedule)
        if (due !== undefined) return add(due.alg, due.signsFrom, generation)
        const outlived = keyToRemove(held, algorithms(), now, schedule)
        return outlived && remove(outlived.kid, generation)
      }),
    async rotate(wanted) {
      if (wanted !== undefined && !algorithms().includes(wanted))
        throw new TypeError(`alg must be one of those in use: ${algorithms().join(', ')}`)
      const newest = (): HeldKey | undefined => {
        const alg = wanted ?? algorithms()[0]
        const line = lineOf(held, algorithms(), alg)
        return line.findLast((key) => key.alg === alg)
      }
      let rotated = false
      await untilDone((generation) => {
        const now = clock.now()
        rotated ||= (newest()?.signsFrom ?? now) > now
        if (rotated) return undefined
        const signsFrom = held.length === 0 ? now : now + leadOf(schedule)
        return add(wanted ?? algorithms()[0], signsFrom, generation).then((added) => {
          rotated = added
        })
      })
      return listed(newest() as HeldKey)
    },
    async retireNow(kid) {
      let found = false
      await untilDone((generation, kids) => {
        if (!kids.includes(kid)) return undefined
        found = true
        const now = clock.now()
        const key = held.find((known) => known.kid === kid)
        const inUse = algorithms()
        if (key === undefined || stateOf(key, held, inUse, now) !== 'signing') return remove(kid, generation)
        const alg = inUse.includes(key.alg) ? key.alg : inUse[0]
        // Whoever takes its place must come after it, or one that had retired already would sign again.
        const takesOver = held.some(
          (other) => other.alg === alg && inOrder(key, other) < 0 && other.signsFrom <= now + 1,
        )
        return takesOver ? remove(kid, generation) : add(alg, Math.max(now, key.signsFrom + 1), generation)
      })
      return found
    },
  }
}

const heldKeyOf = (record: SigningKeyRecord, privateKey: KeyObject): HeldKey => ({
  kid: record.kid,
  alg: record.alg,
  publicKey: record.publicKey,
  createdAt: record.createdAt,
  signsFrom: record.signsFrom,
  record,
  sign: (data) => signWith(record.alg, privateKey, data),
})

/** A key pair whose `kid` can be typed behind a command: one in 64 would begin with `-`, and be taken for an option. */
async function newKeyPair(alg: SigningAlgorithm) {
  for (;;) {
    const privateKey = await generatePrivateKey(alg)
    const publicKey = publicMembersOf(privateKey)
    const kid = thumbprintOf(publicKey)
    if (!kid.startsWith('-')) return { privateKey, publicKey, kid }
  }
}
