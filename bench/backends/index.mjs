import { withPlace } from '../places.mjs'
import { openMemory } from './memory.mjs'
import { openPostgres } from './postgres.mjs'
import { openRedis } from './redis.mjs'

const OPEN = { memory: openMemory, postgres: openPostgres, redis: openRedis }

/** The storages that are measured. */
export const STORAGES = Object.freeze(Object.keys(OPEN))

/** Opens the adapter and the limit of the storage at an address; memory needs none. */
export const openBackend = (name, url) => OPEN[name](url)

/** Hands over an address in which nothing is, and removes what is there afterwards. */
export const withAddress = (name, use) => (name === 'memory' ? use(undefined) : withPlace(name, use))

/**
 * Opens one in a place of its own, hands it over, and closes and removes it whatever happens.
 *
 * @template T
 * @param {(backend: object) => Promise<T>} use
 * @returns {Promise<T>}
 */
export const withBackend = (name, use) =>
  withAddress(name, async (url) => {
    const backend = await openBackend(name, url)
    try {
      return await use(backend)
    } finally {
      await backend.close()
    }
  })
