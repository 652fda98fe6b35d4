import { openSync } from 'node:fs'
import { devNull } from 'node:os'
import { generateSecret } from '../../packages/core/dist/index.js'
import { freePort } from '../free-port.mjs'
import { interleave, table } from '../rounds.mjs'
import { pinned, startServer } from '../server-process.mjs'
import { startLatchkey } from '../servers/latchkey.mjs'

/** An answer of the size of ours. */
const ANSWER = JSON.stringify({
  access_token: `lk_at_${'x'.repeat(49)}`,
  token_type: 'Bearer',
  expires_in: 3600,
  scope: 'orders:read orders:write',
})

/**
 * Opaque tokens on the memory adapter, a generated secret by `client_secret_basic`, beside the limits, at 1, 16 and 64
 * connections.
 */
export async function run({ only, rounds, seconds }) {
  const { secret, hash, credentialId } = generateSecret()
  const clients = { bench: { client_secrets: [{ id: credentialId, hash }], scope: 'orders:read orders:write' } }
  const limit = (file, port) =>
    startServer({
      args: [new URL(`../servers/${file}`, import.meta.url).pathname],
      env: { PORT: String(port), ANSWER },
      url: `http://127.0.0.1:${port}/`,
      log: openSync(devNull, 'w'),
    })
  const servers = [
    ['constant-route', (port) => limit('constant-route.mjs', port)],
    ['raw-http', (port) => limit('raw-http.mjs', port)],
    ['latchkey', (port) => startLatchkey({ port, clients })],
  ].filter(([name]) => only === undefined || name === 'constant-route' || only.includes(name))

  const targets = []
  try {
    for (const [name, start] of servers) {
      const port = await freePort()
      const request = {
        url: `http://127.0.0.1:${port}/oauth2/token`,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          authorization: `Basic ${btoa(`bench:${secret}`)}`,
        },
        body: 'grant_type=client_credentials&scope=orders%3Aread+orders%3Awrite',
      }
      targets.push({ name, server: await start(port), request })
    }
    const parts = [pinned ? 'Server and load each on a core of their own.' : 'Server and load share the cores.']
    for (const connections of [1, 16, 64]) {
      const rows = await interleave(targets, { rounds, seconds, connections, reference: 'constant-route' })
      parts.push(`### ${connections} connection${connections === 1 ? '' : 's'}\n\n${table(rows)}`)
    }
    return parts.join('\n\n')
  } finally {
    for (const { server } of targets) await server.stop()
  }
}
