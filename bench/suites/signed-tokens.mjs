import { randomBytes } from 'node:crypto'
import { openSync } from 'node:fs'
import { devNull } from 'node:os'
import { generateSecret } from '../../packages/core/dist/index.js'
import { freePort } from '../free-port.mjs'
import { interleave, table } from '../rounds.mjs'
import { pinned, startServer } from '../server-process.mjs'
import { startLatchkey } from '../servers/latchkey.mjs'

const SCOPE = 'orders:read orders:write'

/** What makes the service sign by an algorithm. */
const SETTINGS = {
  ES256: { LATCHKEY_SIGNING_ALG: 'ES256' },
  EdDSA: { LATCHKEY_SIGNING_ALG: 'EdDSA' },
  RS256: { LATCHKEY_SIGNING_ALG: 'RS256' },
  HS256: { LATCHKEY_SIGNING_ALG: 'HS256', LATCHKEY_JWT_SECRET: randomBytes(32).toString('base64url') },
}

/**
 * Self-contained tokens by each algorithm, a generated secret by `client_secret_basic`, beside a route that parses the form,
 * signs, and does nothing else, at 64 connections. `--only ES256,HS256` takes these algorithms alone.
 */
export async function run({ only, rounds, seconds }) {
  const { secret, hash, credentialId } = generateSecret()
  const clients = { bench: { client_secrets: [{ id: credentialId, hash }], scope: SCOPE } }
  const parts = [pinned ? 'Server and load each on a core of their own.' : 'Server and load share the cores.']
  for (const alg of Object.keys(SETTINGS).filter((name) => only === undefined || only.includes(name))) {
    const servers = {
      'signing-route': (port) =>
        startServer({
          args: [new URL('../servers/signing-route.mjs', import.meta.url).pathname],
          env: { PORT: String(port), ALG: alg },
          url: `http://127.0.0.1:${port}/`,
          log: openSync(devNull, 'w'),
        }),
      latchkey: (port) =>
        startLatchkey({ port, clients, settings: { LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt', ...SETTINGS[alg] } }),
    }
    const targets = []
    try {
      for (const [name, start] of Object.entries(servers)) {
        const port = await freePort()
        const server = await start(port)
        targets.push({ name, server, request: requestTo(port, secret) })
      }
      await checkSigned(targets, alg)
      const rows = await interleave(targets, { rounds, seconds, connections: 64, reference: 'signing-route' })
      parts.push(`### ${alg}\n\n${table(rows, 'the signing route')}`)
    } finally {
      for (const { server } of targets) await server.stop()
    }
  }
  return parts.join('\n\n')
}

const requestTo = (port, secret) => ({
  url: `http://127.0.0.1:${port}/oauth2/token`,
  headers: {
    'content-type': 'application/x-www-form-urlencoded',
    authorization: `Basic ${btoa(`bench:${secret}`)}`,
  },
  body: `grant_type=client_credentials&scope=${encodeURIComponent(SCOPE)}`,
})

/** Both must do what is compared: sign, by that algorithm, a token of the same size. */
async function checkSigned(targets, alg) {
  const lengths = []
  for (const { name, request } of targets) {
    const { url, headers, body } = request
    const { access_token: token } = await (await fetch(url, { method: 'POST', headers, body })).json()
    const header = JSON.parse(Buffer.from(token.split('.')[0], 'base64url').toString())
    if (header.alg !== alg) throw new Error(`${name} signs by ${header.alg}, and not by ${alg}`)
    lengths.push(token.length)
  }
  if (Math.abs(lengths[0] - lengths[1]) > 100) throw new Error(`the tokens differ too much: ${lengths} characters`)
}
