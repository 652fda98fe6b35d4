import type { SigningKeyRecord, SigningKeySet, SigningKeyStore } from '@latchkey/core'
import { assertOneWinner, assertSame, assertThat } from './assertions.ts'
import type { ContractCase } from './contract-case.ts'
import { deface } from './deface.ts'
import { freshName } from './fresh.ts'
import { HOSTILE_TEXT } from './hostile-strings.ts'
import { race } from './race.ts'
import { changed, keyIn, LONG, signingKey, untilSomebodyWins } from './signing-key-changes.ts'

/** The sentences of {@link SigningKeyStore} that its contract checks. */
export type SigningKeyStorePromise =
  | 'Each change names the generation of the set that it was decided on, so that of several nodes exactly one changes the set'
  | "What was added and what is handed out do not change with the caller's object"
  | 'The set as it is at one moment, with every member of each key: its generation and its keys belong together'
  | 'Adds a key, as durably as a client is added, and counts the generation up'
  | 'false, with nothing changed, when the generation is another than expected or the `kid` is taken'
  | 'of fifty additions at once to one generation exactly one wins'
  | 'Removes a key, and counts the generation up'
  | 'false, with nothing changed, when the generation is another than expected or there is no such key'
  | 'of an addition and a removal at once exactly one wins'

/** What every {@link SigningKeyStore} promises. */
export const signingKeyStoreContract: readonly ContractCase<SigningKeyStore, SigningKeyStorePromise>[] = [
  {
    title: 'hands a key back with every member, however long',
    promise:
      'The set as it is at one moment, with every member of each key: its generation and its keys belong together',
    async check(keys) {
      const [short, long] = [signingKey(), { ...signingKey(), ...LONG }]
      for (const key of [short, long]) await changed(keys, (generation) => keys.add(key, generation))
      const set = await keys.list()
      assertSame(keyIn(set, short.kid), short, 'the short key')
      assertSame(keyIn(set, long.kid), long, 'the long key')
      assertThat(Number.isSafeInteger(set.generation), 'the generation is no whole number')
    },
  },
  {
    title: 'never shows two sets of one generation while the set is changed',
    promise:
      'The set as it is at one moment, with every member of each key: its generation and its keys belong together',
    async check(keys) {
      const shown: Promise<SigningKeySet>[] = []
      for (let change = 0; change < 8; change++) {
        const before = await keys.list()
        const looks = () => [keys.list(), keys.list()]
        shown.push(Promise.resolve(before), ...looks())
        const adding = keys.add(signingKey(), before.generation)
        shown.push(...looks())
        await adding
        shown.push(...looks())
      }
      const kidsByGeneration = new Map<number, readonly string[]>()
      for (const { generation, keys: members } of await Promise.all(shown)) {
        const kids = members.map(({ kid }) => kid).sort()
        assertSame(kids, kidsByGeneration.get(generation) ?? kids, `the keys of generation ${generation}`)
        kidsByGeneration.set(generation, kids)
      }
    },
  },
  {
    title: 'counts the generation up with an addition',
    promise: 'Adds a key, as durably as a client is added, and counts the generation up',
    async check(keys) {
      const { generation } = await changed(keys, (present) => keys.add(signingKey(), present))
      const { generation: after } = await keys.list()
      assertThat(after > generation, `the generation went from ${generation} to ${after}`)
    },
  },
  {
    title: 'lists what was added, beside what was there',
    promise: 'Adds a key, as durably as a client is added, and counts the generation up',
    async check(keys) {
      const [one, other] = [signingKey(), signingKey()]
      for (const key of [one, other]) await changed(keys, (generation) => keys.add(key, generation))
      const set = await keys.list()
      for (const key of [one, other]) assertSame(keyIn(set, key.kid), key, 'the key')
    },
  },
  {
    title: 'refuses an addition to a generation of before, of after and of no time',
    promise: 'false, with nothing changed, when the generation is another than expected or the `kid` is taken',
    async check(keys) {
      const { generation } = await changed(keys, (present) => keys.add(signingKey(), present))
      const key = signingKey()
      for (const other of [generation, generation - 1, generation + 100_000, -1])
        assertSame(await keys.add(key, other), false, `the answer for generation ${other}`)
      assertSame(keyIn(await keys.list(), key.kid), undefined, 'the key that was refused')
    },
  },
  {
    title: 'refuses a kid that is taken, and leaves the key as it was',
    promise: 'false, with nothing changed, when the generation is another than expected or the `kid` is taken',
    async check(keys) {
      const key = signingKey()
      await changed(keys, (generation) => keys.add(key, generation))
      const another = { ...signingKey(), kid: key.kid, sealed: 'of another' }
      const before = await keys.list()
      assertSame(await keys.add(another, before.generation), false, 'the answer')
      const after = await keys.list()
      assertSame(keyIn(after, key.kid), key, 'the key')
      assertThat(after.keys.filter(({ kid }) => kid === key.kid).length === 1, 'the key is there twice')
    },
  },
  {
    title: 'lets one of fifty additions to one generation through',
    promise: 'of fifty additions at once to one generation exactly one wins',
    async check(keys) {
      const raced = Array.from({ length: 50 }, signingKey)
      const answers = await untilSomebodyWins(keys, (generation) =>
        race((racer) => keys.add(raced[racer] as SigningKeyRecord, generation)),
      )
      assertOneWinner(answers, 'additions to one generation')
      const set = await keys.list()
      const there = raced.map(({ kid }) => keyIn(set, kid) !== undefined)
      assertSame(there, answers, 'which keys are there, and which were said to be added')
    },
  },
  {
    title: 'changes by a decision on the present set, and by no other',
    promise:
      'Each change names the generation of the set that it was decided on, so that of several nodes exactly one changes the set',
    async check(keys) {
      const added = Array.from({ length: 5 }, signingKey)
      // Five nodes that look, decide and change until each has had its way.
      await Promise.all(added.map((key) => changed(keys, (generation) => keys.add(key, generation))))
      const { generation, keys: members } = await keys.list()
      const kids = new Set(members.map(({ kid }) => kid))
      assertSame(
        added.map(({ kid }) => kids.has(kid)),
        added.map(() => true),
        'which of the keys are there',
      )
      assertThat(generation >= added.length, `after ${added.length} changes the generation is ${generation}`)
    },
  },
  {
    title: 'removes the key, and leaves every other',
    promise: 'Removes a key, and counts the generation up',
    async check(keys) {
      const [leaving, staying] = [signingKey(), signingKey()]
      for (const key of [leaving, staying]) await changed(keys, (generation) => keys.add(key, generation))
      await changed(keys, (generation) => keys.remove(leaving.kid, generation))
      const set = await keys.list()
      assertSame(keyIn(set, leaving.kid), undefined, 'the key that was removed')
      assertSame(keyIn(set, staying.kid), staying, 'the key that was not')
    },
  },
  {
    title: 'counts the generation up with a removal',
    promise: 'Removes a key, and counts the generation up',
    async check(keys) {
      const key = signingKey()
      await changed(keys, (present) => keys.add(key, present))
      const { generation } = await changed(keys, (present) => keys.remove(key.kid, present))
      const { generation: after } = await keys.list()
      assertThat(after > generation, `the generation went from ${generation} to ${after}`)
    },
  },
  {
    title: 'refuses a removal by a generation of another time',
    promise: 'false, with nothing changed, when the generation is another than expected or there is no such key',
    async check(keys) {
      const key = signingKey()
      const { generation } = await changed(keys, (present) => keys.add(key, present))
      for (const other of [generation, generation - 1, generation + 100_000, -1])
        assertSame(await keys.remove(key.kid, other), false, `the answer for generation ${other}`)
      assertSame(keyIn(await keys.list(), key.kid), key, 'the key')
    },
  },
  {
    title: 'refuses to remove what is not there, whatever its name holds, and goes on as before',
    promise: 'false, with nothing changed, when the generation is another than expected or there is no such key',
    async check(keys) {
      const key = signingKey()
      await changed(keys, (generation) => keys.add(key, generation))
      for (const kid of [freshName('unknown'), ...HOSTILE_TEXT]) {
        const { generation } = await keys.list()
        assertSame(await keys.remove(kid, generation), false, `the answer for ${JSON.stringify(kid)}`)
      }
      await changed(keys, (generation) => keys.remove(key.kid, generation))
      const { generation } = await keys.list()
      assertSame(await keys.remove(key.kid, generation), false, 'the answer for a key that has gone')
    },
  },
  {
    title: 'lets an addition or a removal of one generation through, and not both',
    promise: 'of an addition and a removal at once exactly one wins',
    async check(keys) {
      for (let round = 0; round < 5; round++) {
        const [there, coming] = [signingKey(), signingKey()]
        await changed(keys, (generation) => keys.add(there, generation))
        const answers = await untilSomebodyWins(keys, async (generation) => {
          const add = () => keys.add(coming, generation)
          const remove = () => keys.remove(there.kid, generation)
          // Whoever is asked second has the better chance to be let through as well.
          if (round % 2 === 0) return Promise.all([add(), remove()])
          return (await Promise.all([remove(), add()])).reverse()
        })
        assertOneWinner(answers, 'changes of one generation')
        const set = await keys.list()
        assertSame(
          [keyIn(set, coming.kid) !== undefined, keyIn(set, there.kid) === undefined],
          answers,
          'what was done, and what was said to be done',
        )
      }
    },
  },
  {
    title: 'keeps a key as it was added, whatever becomes of the object',
    promise: "What was added and what is handed out do not change with the caller's object",
    async check(keys) {
      const key = signingKey()
      const mine = structuredClone(key)
      await changed(keys, (generation) => keys.add(mine, generation))
      deface(mine)
      assertSame(keyIn(await keys.list(), key.kid), key, 'the key')
    },
  },
  {
    title: 'hands out a set that is the caller’s own',
    promise: "What was added and what is handed out do not change with the caller's object",
    async check(keys) {
      const key = signingKey()
      await changed(keys, (generation) => keys.add(key, generation))
      deface(await keys.list())
      const set = await keys.list()
      assertSame(keyIn(set, key.kid), key, 'the key')
      assertThat(Number.isSafeInteger(set.generation), 'the generation is no whole number any more')
    },
  },
]
