import type { SigningKeyStorePromise } from '@latchkey/adapter-contract'
import type { SigningKeyRecord, SigningKeySet, SigningKeyStore } from '@latchkey/core'
import { type Broken, interruption, without, withTexts } from './broken.ts'

/** Shows the set in another way than it is. */
const listing =
  (change: (set: SigningKeySet) => SigningKeySet | Promise<SigningKeySet>) =>
  (honest: SigningKeyStore): SigningKeyStore => ({ ...honest, list: async () => change(await honest.list()) })

/** Adds another key than the one that was meant. */
const addingBy =
  (change: (key: SigningKeyRecord) => SigningKeyRecord) =>
  (honest: SigningKeyStore): SigningKeyStore => ({
    ...honest,
    add: (key, expectedGeneration) => honest.add(change(key), expectedGeneration),
  })

/** Every change names a generation of its own, and none is above the one before. */
const countingDown = (honest: SigningKeyStore): SigningKeyStore => ({
  list: async () => {
    const set = await honest.list()
    return { ...set, generation: 1_000_000 - set.generation }
  },
  add: (key, expectedGeneration) => honest.add(key, 1_000_000 - expectedGeneration),
  remove: (kid, expectedGeneration) => honest.remove(kid, 1_000_000 - expectedGeneration),
})

/** A set in plain sight, for stores that break the steps of a change. */
function heldSet() {
  const keys = new Map<string, SigningKeyRecord>()
  const held = {
    generation: 0,
    keys,
    list: async () => structuredClone({ generation: held.generation, keys: [...keys.values()] }),
  }
  return held
}

export const brokenSigningKeyStores: Broken<SigningKeyStore, SigningKeyStorePromise> = {
  'Each change names the generation of the set that it was decided on, so that of several nodes exactly one changes the set':
    {
      'forgets a change that came while another was written': () => {
        const held = heldSet()
        return {
          list: held.list,
          async add(key, expectedGeneration) {
            if (held.generation !== expectedGeneration) return false
            const keys = [...held.keys.values(), key]
            await interruption()
            held.keys.clear()
            for (const member of keys) held.keys.set(member.kid, member)
            held.generation++
            return true
          },
          remove: async () => false,
        }
      },
      'lets nobody change the set who is not alone': (honest) => {
        let changing = 0
        return {
          ...honest,
          async add(key, expectedGeneration) {
            changing++
            await interruption()
            const alone = changing === 1
            await interruption()
            changing--
            return alone && honest.add(key, expectedGeneration)
          },
        }
      },
    },
  "What was added and what is handed out do not change with the caller's object": {
    'keeps the object': () => {
      const held = heldSet()
      return {
        list: held.list,
        async add(key, expectedGeneration) {
          if (held.generation !== expectedGeneration || held.keys.has(key.kid)) return false
          held.keys.set(key.kid, key)
          held.generation++
          return true
        },
        remove: async () => false,
      }
    },
    'hands out the set that it holds': (honest) => {
      let held: SigningKeySet | undefined
      return {
        async list() {
          held ??= await honest.list()
          return held
        },
        async add(key, expectedGeneration) {
          held = undefined
          return honest.add(key, expectedGeneration)
        },
        remove: honest.remove,
      }
    },
  },
  'The set as it is at one moment, with every member of each key: its generation and its keys belong together': {
    'asks for the generation first and for the keys afterwards': (honest) => ({
      ...honest,
      async list() {
        const { generation } = await honest.list()
        await interruption()
        return { ...(await honest.list()), generation }
      },
    }),
    'changes the keys first and counts afterwards': () => {
      const held = heldSet()
      return {
        list: held.list,
        async add(key, expectedGeneration) {
          if (held.generation !== expectedGeneration) return false
          held.keys.set(key.kid, key)
          await interruption()
          held.generation++
          return true
        },
        remove: async () => false,
      }
    },
    'cuts what is long': addingBy((key) => ({ ...key, sealed: key.sealed.slice(0, 4096) })),
    'loses a member': addingBy((key) => without(key, 'signsFrom') as SigningKeyRecord),
    'loses a member of the public half': addingBy((key) => ({
      ...key,
      publicKey: { kty: key.publicKey['kty'] ?? '' },
    })),
    'keeps times as texts': addingBy((key) => ({ ...key, createdAt: `${key.createdAt}` as unknown as number })),
    'tells the generation as a text': listing((set) => ({
      ...set,
      generation: `${set.generation}` as unknown as number,
    })),
    'folds the case of kids': addingBy((key) => ({ ...key, kid: key.kid.toLowerCase() })),
    'encodes twice': listing((set) => withTexts(set, (text) => text.replaceAll("'", "''"))),
  },
  'Adds a key, as durably as a client is added, and counts the generation up': {
    'does not count': listing((set) => ({ ...set, generation: 0 })),
    'counts down': countingDown,
    'holds one key': listing((set) => ({ ...set, keys: set.keys.slice(-1) })),
    'shows a key only later': (honest) => {
      let before: SigningKeySet | undefined
      return {
        ...honest,
        async list() {
          const { generation, keys } = await honest.list()
          const shown = before?.keys ?? []
          before = { generation, keys }
          return { generation, keys: shown }
        },
      }
    },
  },
  'false, with nothing changed, when the generation is another than expected or the `kid` is taken': {
    'adds whatever the generation is': (honest) => ({
      ...honest,
      add: async (key) => honest.add(key, (await honest.list()).generation),
    }),
    'adds to any generation that is not behind': (honest) => ({
      ...honest,
      async add(key, expectedGeneration) {
        const { generation } = await honest.list()
        return expectedGeneration >= generation && honest.add(key, generation)
      },
    }),
    'takes no generation for the present one': (honest) => ({
      ...honest,
      add: async (key, expectedGeneration) =>
        honest.add(key, expectedGeneration < 0 ? (await honest.list()).generation : expectedGeneration),
    }),
    'puts a key in the place of another': (honest) => ({
      ...honest,
      async add(key, expectedGeneration) {
        const removed = await honest.remove(key.kid, expectedGeneration)
        return honest.add(key, removed ? expectedGeneration + 1 : expectedGeneration)
      },
    }),
    'complains instead': (honest) => ({
      ...honest,
      async add(key, expectedGeneration) {
        if (await honest.add(key, expectedGeneration)) return true
        throw new Error('duplicate key value violates unique constraint')
      },
    }),
    'says that it did': (honest) => ({
      ...honest,
      async add(key, expectedGeneration) {
        await honest.add(key, expectedGeneration)
        return true
      },
    }),
  },
  'of fifty additions at once to one generation exactly one wins': {
    'looks before it adds': (honest) => {
      const held = heldSet()
      return {
        ...honest,
        list: held.list,
        async add(key, expectedGeneration) {
          if (held.generation !== expectedGeneration) return false
          await interruption()
          held.keys.set(key.kid, structuredClone(key))
          held.generation++
          return true
        },
      }
    },
    'writes the keys of those who lose as well': (honest) => {
      const lost = new Map<string, SigningKeyRecord>()
      return {
        ...honest,
        async list() {
          const set = await honest.list()
          return { ...set, keys: [...set.keys, ...lost.values()] }
        },
        async add(key, expectedGeneration) {
          if (await honest.add(key, expectedGeneration)) return true
          lost.set(key.kid, structuredClone(key))
          return false
        },
      }
    },
  },
  'Removes a key, and counts the generation up': {
    'removes nothing': (honest) => ({ ...honest, remove: async () => true }),
    'removes every key': (honest) => ({
      ...honest,
      async remove(kid, expectedGeneration) {
        if (!(await honest.remove(kid, expectedGeneration))) return false
        const { keys } = await honest.list()
        for (const [index, key] of keys.entries()) await honest.remove(key.kid, expectedGeneration + 1 + index)
        return true
      },
    }),
    'does not count a removal': (honest) => {
      let removals = 0
      return {
        list: async () => {
          const set = await honest.list()
          return { ...set, generation: set.generation - removals }
        },
        add: (key, expectedGeneration) => honest.add(key, expectedGeneration + removals),
        async remove(kid, expectedGeneration) {
          if (!(await honest.remove(kid, expectedGeneration + removals))) return false
          removals++
          return true
        },
      }
    },
  },
  'false, with nothing changed, when the generation is another than expected or there is no such key': {
    'removes whatever the generation is': (honest) => ({
      ...honest,
      remove: async (kid) => honest.remove(kid, (await honest.list()).generation),
    }),
    'says that it removed what was not there': (honest) => ({
      ...honest,
      async remove(kid, expectedGeneration) {
        const { generation } = await honest.list()
        return (await honest.remove(kid, expectedGeneration)) || generation === expectedGeneration
      },
    }),
    'takes a name for a pattern': (honest) => ({
      ...honest,
      async remove(kid, expectedGeneration) {
        const { keys } = await honest.list()
        return honest.remove(kid === '%' ? (keys[0]?.kid ?? kid) : kid, expectedGeneration)
      },
    }),
    'complains of what is not there': (honest) => ({
      ...honest,
      async remove(kid, expectedGeneration) {
        if (await honest.remove(kid, expectedGeneration)) return true
        throw new Error('no such key')
      },
    }),
  },
  'of an addition and a removal at once exactly one wins': {
    'looks before it removes': () => {
      const held = heldSet()
      return {
        list: held.list,
        async add(key, expectedGeneration) {
          if (held.generation !== expectedGeneration || held.keys.has(key.kid)) return false
          held.keys.set(key.kid, structuredClone(key))
          held.generation++
          return true
        },
        async remove(kid, expectedGeneration) {
          if (held.generation !== expectedGeneration) return false
          await interruption()
          held.generation++
          return held.keys.delete(kid)
        },
      }
    },
    'lets neither through': (honest) => {
      let adding = 0
      let removing = 0
      return {
        ...honest,
        async add(key, expectedGeneration) {
          adding++
          await interruption()
          const alone = removing === 0
          await interruption()
          adding--
          return alone && honest.add(key, expectedGeneration)
        },
        async remove(kid, expectedGeneration) {
          removing++
          await interruption()
          const alone = adding === 0
          await interruption()
          removing--
          return alone && honest.remove(kid, expectedGeneration)
        },
      }
    },
  },
}
