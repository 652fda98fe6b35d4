import type { SigningKeyRecord, SigningKeySet, SigningKeyStore } from '@latchkey/core'
import { frozenCopy } from './frozen-copy.ts'

/** A server holds a handful; so many are the work of a fault. */
const CAPACITY = 1000

/** Keeps signing keys in this process, until it ends. What is found is frozen. When it is full, `add` throws. */
export function createMemorySigningKeyStore(): SigningKeyStore {
  const keys = new Map<string, SigningKeyRecord>()
  const setOf = (generation: number): SigningKeySet =>
    Object.freeze({ generation, keys: Object.freeze([...keys.values()]) })
  let set = setOf(0)

  return {
    list: async () => set,
    async add(key, expectedGeneration) {
      if (set.generation !== expectedGeneration || keys.has(key.kid)) return false
      if (keys.size >= CAPACITY) throw new Error(`the memory is full: it holds ${CAPACITY} signing keys`)
      keys.set(key.kid, frozenCopy(key))
      set = setOf(expectedGeneration + 1)
      return true
    },
    async remove(kid, expectedGeneration) {
      if (set.generation !== expectedGeneration || !keys.delete(kid)) return false
      set = setOf(expectedGeneration + 1)
      return true
    },
  }
}
