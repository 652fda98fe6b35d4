import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { generateSecret } from '../../packages/core/dist/index.js'
import { freePort } from '../free-port.mjs'
import { interleave, median, table } from '../rounds.mjs'
import { startLatchkey } from '../servers/latchkey.mjs'
import { startRedis } from '../servers/redis.mjs'

const SCOPE = 'orders:read orders:write'

/** What is issued, all of it on Redis: memory cannot be shared. */
const FORMATS = {
  ES256: { LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt', LATCHKEY_MASTER_KEY: randomBytes(32).toString('base64url') },
  opaque: {},
}

/**
 * One worker beside two, at 64 connections that are kept, neither of them bound to a core. Where there are only two cores,
 * the load takes one of them: then the requests in a second say little, and the CPU that a request takes, of the primary
 * and every worker together, says what two free cores would come to. `--only ES256` takes this format alone.
 */
export async function run({ only, rounds, seconds }) {
  const cores = availableParallelism()
  const parts = [
    cores > 2
      ? `${cores} cores, of which the load takes one.`
      : `${cores} cores, which server, Redis and load share: compare the CPU of a request, not the requests in a second.`,
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
        server: await startLatchkey({ port, clients, settings, everyCore: true }),
        request: requestTo(port, secret),
      })
    }
    const rows = await interleave(targets, { rounds, seconds, connections: 64, reference: '1 worker' })
    const cost = median(rows[1].cpuRatios)
    return [
      `### ${format}`,
      table(rows, '1 worker'),
      `By the CPU of a request, two cores with nothing else to do come to ${(2 / cost).toFixed(2)} of what one worker does with one core.`,
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
