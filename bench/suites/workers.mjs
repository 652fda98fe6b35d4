import { randomBytes } from 'node:crypto'
import { generateSecret } from '../../packages/core/dist/index.js'
import { freePort } from '../free-port.mjs'
import { interleave, median, table } from '../rounds.mjs'
import { pinned } from '../server-process.mjs'
import { startLatchkey } from '../servers/latchkey.mjs'
import { startRedis } from '../servers/redis.mjs'

const SCOPE = 'orders:read orders:write'

/** What is issued, all of it on Redis: memory cannot be shared. */
const FORMATS = {
  ES256: { LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt', LATCHKEY_MASTER_KEY: randomBytes(32).toString('base64url') },
  opaque: {},
}

/**
 * One worker beside two, at 64 connections that are kept. Where server and load have a core each, both workers have the
 * same core that the one has: what two get done there, twice, is what they would on two cores that are free. Bound in
 * that way a worker pays for the other's turns too, so it is not told too well. `--only ES256` takes this format alone.
 */
export async function run({ only, rounds, seconds }) {
  const parts = [
    pinned
      ? 'One core for the primary and all workers, another for the load and Redis.'
      : 'Server, load and Redis share the cores.',
  ]
  const redis = await startRedis()
  try {
    for (const format of Object.keys(FORMATS).filter((name) => only === undefined || only.includes(name)))
      parts.push(await measure(format, redis.url, { rounds, seconds }))
    return parts.join('\n\n')
  } finally {
    await redis.stop()
  }
}

async function measure(format, url, { rounds, seconds }) {
  const { secret, hash, credentialId } = generateSecret()
  const clients = { bench: { client_secrets: [{ id: credentialId, hash }], scope: SCOPE } }
  const targets = []
  try {
    for (const workers of [1, 2]) {
      const port = await freePort()
      const settings = {
        ...FORMATS[format],
        LATCHKEY_STORAGE: `${url}?prefix=${format}`,
        LATCHKEY_WORKERS: String(workers),
      }
      targets.push({
        name: workers === 1 ? '1 worker' : `${workers} workers`,
        server: await startLatchkey({ port, clients, settings }),
        request: requestTo(port, secret),
      })
    }
    const rows = await interleave(targets, { rounds, seconds, connections: 64, reference: '1 worker' })
    return [
      `### ${format}`,
      table(rows, '1 worker'),
      pinned
        ? `Two cores that are free would come to ${(2 * median(rows[1].ratios)).toFixed(2)} of one worker on one core.`
        : 'Bind server and load to cores of their own to learn what two cores come to.',
    ].join('\n\n')
  } finally {
    for (const { server } of targets) await server.stop()
  }
}

const requestTo = (port, secret) => ({
  url: `http://127.0.0.1:${port}/oauth2/token`,
  headers: {
    'content-type': 'application/x-www-form-urlencoded',
    authorization: `Basic ${btoa(`bench:${secret}`)}`,
  },
  body: `grant_type=client_credentials&scope=${encodeURIComponent(SCOPE)}`,
})
