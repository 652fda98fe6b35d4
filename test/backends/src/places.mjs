import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import pg from 'pg'

/**
 * @typedef {object} Place
 * @property {string} url an address as Latchkey's adapters take it
 * @property {() => Promise<void>} remove leaves nothing of it behind
 */

/** Whoever comes after knows by it what this run has left, if it could not clean up for itself. */
const RUN = 'TEST_RUN'

/** Gives this run a name, which the processes below it inherit. */
export function nameRun() {
  process.env[RUN] ??= randomBytes(4).toString('hex')
}

/**
 * A schema that nobody else uses, empty and not there yet.
 *
 * @param {string} [url] of the Postgres; that of the tests unless given
 * @returns {Place}
 */
export function freshSchema(url = found('TEST_POSTGRES_URL')) {
  const schema = freshName()
  return {
    url: withParameter(url, 'schema', schema),
    async remove() {
      await ask(url, `DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
    },
  }
}

/**
 * A database that nobody else uses, in which the schema has the name that it has unless somebody says otherwise.
 *
 * @param {string} [url] of the Postgres; that of the tests unless given
 * @returns {Promise<Place>}
 */
export async function freshDatabase(url = found('TEST_POSTGRES_URL')) {
  const database = freshName()
  await ask(url, `CREATE DATABASE "${database}"`)
  const own = new URL(url)
  own.pathname = `/${database}`
  return {
    url: own.href,
    async remove() {
      await ask(url, `DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`)
    },
  }
}

/**
 * A key prefix that nobody else uses.
 *
 * @param {string} [url] of the Redis; that of the tests unless given
 * @returns {Place}
 */
export function freshPrefix(url = found('TEST_REDIS_URL')) {
  const prefix = freshName()
  return { url: withParameter(url, 'prefix', prefix), remove: () => removeKeys(url, prefix) }
}

/** Removes whatever tests of this run have left in the backends of the run: those that failed at the wrong moment. */
export async function removeLeftovers() {
  const url = found('TEST_POSTGRES_URL')
  const mine = `${prefixOfRun()}%`
  const schemas = await ask(url, 'SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE $1', mine)
  for (const { name } of schemas) await ask(url, `DROP SCHEMA IF EXISTS "${name}" CASCADE`)
  const databases = await ask(url, 'SELECT datname AS name FROM pg_database WHERE datname LIKE $1', mine)
  for (const { name } of databases) await ask(url, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
  await removeKeys(found('TEST_REDIS_URL'), prefixOfRun())
}

const prefixOfRun = () => `latchkey_test_${found(RUN)}_`

const freshName = () => `${prefixOfRun()}${randomBytes(6).toString('hex')}`

/** @param {string} name */
function found(name) {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set: Vitest's global setup sets it`)
  return value
}

/**
 * @param {string} url
 * @param {string} name
 * @param {string} value
 */
function withParameter(url, name, value) {
  const own = new URL(url)
  own.searchParams.set(name, value)
  return own.href
}

/**
 * @param {string} url
 * @param {string} text
 * @param {...string} values
 */
async function ask(url, text, ...values) {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(text, values)).rows
  } finally {
    await client.end()
  }
}

/**
 * @param {string} url
 * @param {string} prefix
 */
async function removeKeys(url, prefix) {
  const redis = new Redis(url)
  redis.on('error', () => undefined)
  try {
    for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1000 }))
      if (keys.length > 0) await redis.unlink(...keys)
  } finally {
    redis.disconnect()
  }
}
