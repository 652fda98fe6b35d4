import { Redis } from 'ioredis'
import pg from 'pg'
import { findBackends, freshPrefix, freshSchema } from '../test/backends/src/index.mjs'
import { nameRun } from '../test/backends/src/places.mjs'

let found

/** The Postgres and the Redis of this run, found or started as for the tests, once. */
async function backends() {
  if (found === undefined) {
    nameRun()
    found = findBackends()
  }
  return await found
}

/** Ends what was started. */
export async function stopBackends() {
  if (found !== undefined) await (await found).stop()
}

/** Those that are in use. */
const places = new Set()

const PLACES = { postgres: freshSchema, redis: freshPrefix }

/**
 * Hands over a schema or a prefix that nobody else uses, by its address, and removes it whatever happens.
 *
 * @template T
 * @param {'postgres' | 'redis'} name
 * @param {(url: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withPlace(name, use) {
  const place = PLACES[name]((await backends())[name].url)
  places.add(place)
  try {
    return await use(place.url)
  } finally {
    await place.remove()
    places.delete(place)
  }
}

/** Removes what a run that is interrupted has made. */
export async function removePlaces() {
  await Promise.allSettled([...places].map((place) => place.remove()))
}

/** What they are, and how durable, in words. */
export const versionOf = {
  async postgres(url) {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    const ask = async (setting) => (await client.query(`SELECT current_setting('${setting}') AS value`)).rows[0].value
    const [version, fsync, commit] = [await ask('server_version'), await ask('fsync'), await ask('synchronous_commit')]
    await client.end()
    return `Postgres ${version.split(' ')[0]}, fsync ${fsync}, synchronous_commit ${commit}`
  },
  async redis(url) {
    const client = new Redis(url)
    const [, version] = /^redis_version:(\S+)/m.exec(await client.info('server'))
    const ask = async (setting) => (await client.config('GET', setting))[1]
    const append = await ask('appendonly')
    const text = `Redis ${version}, appendonly ${append}${append === 'yes' ? `, appendfsync ${await ask('appendfsync')}` : ''}`
    client.disconnect()
    return text
  },
}
