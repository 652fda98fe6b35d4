import { createConnection } from 'node:net'
import { Redis } from 'ioredis'
import pg from 'pg'

/**
 * Whether a Postgres accepts connections at this address. One that is starting up or recovering does not.
 *
 * @param {string} url
 */
export async function answersPostgres(url) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000, query_timeout: 2000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

/**
 * Whether a Redis on this machine answers: that it asks for a password is an answer, that it still loads its data is not.
 *
 * @param {number} port
 */
export async function answersRedis(port) {
  const reply = await askRedis(port, 'PING').catch(() => '')
  return /^(?:\+PONG|-NOAUTH|-NOPERM)/.test(reply)
}

/**
 * Sends a command of words without spaces to a Redis on this machine that asks for no password, and returns the reply as
 * it came: enough to set a cluster up, with a connection for each question.
 *
 * @param {number} port
 * @param {...(string | number)} words
 * @returns {Promise<string>}
 */
export function askRedis(port, ...words) {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: '127.0.0.1' })
    /** Byte for character, since the lengths in it are of bytes. */
    let reply = ''
    socket.setTimeout(2000, () => socket.destroy(new Error(`no answer to ${words.join(' ')}`)))
    socket.on('error', reject)
    socket.on('close', () => resolve(reply))
    socket.on('data', (chunk) => {
      reply += chunk.toString('latin1')
      if (isWhole(reply)) socket.destroy()
    })
    socket.write(`${words.join(' ')}\r\n`)
  })
}

/** @param {string} reply */
function isWhole(reply) {
  return endOf(reply, 0) >= 0
}

/**
 * Where the value that begins there ends; -1 when it is not all there yet.
 *
 * @param {string} reply
 * @param {number} start
 * @returns {number}
 */
function endOf(reply, start) {
  const eol = reply.indexOf('\r\n', start)
  if (eol < 0) return -1
  const next = eol + 2
  const count = Number(reply.slice(start + 1, eol))
  if (reply[start] === '$') return count < 0 ? next : next + count + 2 <= reply.length ? next + count + 2 : -1
  if (reply[start] !== '*') return next
  let end = next
  for (let index = 0; index < count && end >= 0; index++) end = endOf(reply, end)
  return end
}

/**
 * Whether the tests can work with the Postgres at this address: they make schemas, databases and roles.
 *
 * @param {string} url
 */
export async function servesPostgres(url) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000, query_timeout: 5000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query(
      `SELECT has_database_privilege(current_database(), 'CREATE') AND (rolsuper OR rolcreaterole AND rolcreatedb) AS able
       FROM pg_roles WHERE rolname = current_user`,
    )
    return rows[0]?.able === true
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

/**
 * Whether the tests can work with the Redis at this address: they write.
 *
 * @param {string} url
 */
export async function servesRedis(url) {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 2000,
    commandTimeout: 2000,
    maxRetriesPerRequest: 0,
    retryStrategy: null,
  })
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    const info = await redis.info('replication')
    return info.includes('role:master')
  } catch {
    return false
  } finally {
    redis.disconnect()
  }
}
