import type { SigningAlgorithm, SigningKeyRecord, SigningKeySet, SigningKeyStore } from '../src/index.ts'
import { type KeyRingOptions, type OpenKeyRing, openKeyRing } from '../src/index.ts'
import { NOW } from './test-server.ts'

/** An honest store of keys in plain sight. */
export interface KeysInSight extends SigningKeyStore {
  set: SigningKeySet
  /** Thrown by everything while it is there. */
  fault: Error | undefined
}

export function keysInSight(): KeysInSight {
  const ask = <T>(answer: () => T): Promise<T> =>
    store.fault === undefined ? Promise.resolve(answer()) : Promise.reject(store.fault)
  const change = (expectedGeneration: number, keys: readonly SigningKeyRecord[] | undefined) =>
    ask(() => {
      if (store.set.generation !== expectedGeneration || keys === undefined) return false
      store.set = { generation: expectedGeneration + 1, keys: structuredClone(keys) }
      return true
    })
  const store: KeysInSight = {
    set: { generation: 0, keys: [] },
    fault: undefined,
    list: () => ask(() => structuredClone(store.set)),
    add: (key, expectedGeneration) => change(expectedGeneration, [...store.set.keys, key]),
    remove: (kid, expectedGeneration) =>
      change(
        expectedGeneration,
        store.set.keys.some((key) => key.kid === kid) ? store.set.keys.filter((key) => key.kid !== kid) : undefined,
      ),
  }
  return store
}

/** 32 bytes in base64url. */
export const MASTER_KEY = 'A'.repeat(43)
export const OTHER_MASTER_KEY = `${'B'.repeat(42)}A`

/** A ring that a test looks after: its timer never fires within one. */
export const openRing = (options: Partial<KeyRingOptions> = {}): Promise<OpenKeyRing> =>
  openKeyRing({
    store: keysInSight(),
    masterKey: MASTER_KEY,
    clock: { now: () => NOW },
    refreshSeconds: 3600,
    ...options,
  })

export const KEY_PAIR_ALGORITHMS: readonly SigningAlgorithm[] = [
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
]
