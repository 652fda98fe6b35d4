import { findBackends } from './find-backends.mjs'
import { nameRun, removeLeftovers } from './places.mjs'

/**
 * Finds the backends once for a run of Vitest, and names them in the environment, where the tests and the processes that
 * they start look for them.
 */
export async function setup() {
  const { postgres, redis, stop } = await findBackends()
  if (process.env['TEST_POSTGRES_URL'] === undefined) console.log(`postgres: ${postgres.way}`)
  if (process.env['TEST_REDIS_URL'] === undefined) console.log(`redis: ${redis.way}`)
  process.env['TEST_POSTGRES_URL'] = postgres.url
  process.env['TEST_REDIS_URL'] = redis.url
  nameRun()
  return async () => {
    try {
      await removeLeftovers()
    } finally {
      await stop()
    }
  }
}
