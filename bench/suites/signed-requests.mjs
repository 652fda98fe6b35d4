import { openSync } from 'node:fs'
import { devNull } from 'node:os'
import { generateSecret } from '../../packages/core/dist/index.js'
import { freePort } from '../free-port.mjs'
import { interleave, table } from '../rounds.mjs'
import { pinned, startServer } from '../server-process.mjs'
import { startLatchkey } from '../servers/latchkey.mjs'
import { makeSigningKey } from '../signed-requests.mjs'

const SCOPE = 'orders:read orders:write'
const ANSWER = JSON.stringify({
  access_token: `lk_at_${'x'.repeat(49)}`,
  token_type: 'Bearer',
  expires_in: 3600,
  scope: SCOPE,
})

/** What comes with a token request. */
const KINDS = {
  private_key_jwt: { assertion: true },
  'secret and DPoP proof': { proof: true },
  'private_key_jwt and DPoP proof': { assertion: true, proof: true },
}

/**
 * Opaque tokens on the memory adapter for clients that sign, ES256 throughout, each beside a route that parses the form,
 * makes the same verifications, and does nothing else, and beside the same client with its secret; at 64 connections.
 */
export async function run({ only, rounds, seconds }) {
  const key = makeSigningKey()
  const { secret, hash, credentialId } = generateSecret()
  const clients = {
    bench: { client_secrets: [{ id: credentialId, hash }], jwks: { keys: [key.jwk] }, scope: SCOPE },
  }
  const parts = [pinned ? 'Server and load each on a core of their own.' : 'Server and load share the cores.']
  for (const [kind, { assertion = false, proof = false }] of Object.entries(KINDS)) {
    if (only !== undefined && !only.includes(kind)) continue
    const ports = [await freePort(), await freePort()]
    const requestTo = (port, signs) => ({
      url: `http://127.0.0.1:${port}/oauth2/token`,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...((!assertion || !signs) && { authorization: `Basic ${btoa(`bench:${secret}`)}` }),
      },
      body: `grant_type=client_credentials&scope=${encodeURIComponent(SCOPE)}`,
      ...(signs && { signed: { client: 'bench', issuer: `http://localhost:${port}`, ...key, assertion, proof } }),
    })
    const started = []
    try {
      const route = await startServer({
        args: [new URL('../servers/verifying-route.mjs', import.meta.url).pathname],
        env: {
          PORT: String(ports[0]),
          ANSWER,
          JWK: JSON.stringify(key.jwk),
          ...(assertion && { ASSERTION: 'true' }),
          ...(proof && { PROOF: 'true' }),
        },
        url: `http://127.0.0.1:${ports[0]}/`,
        log: openSync(devNull, 'w'),
      })
      started.push(route)
      const latchkey = await startLatchkey({ port: ports[1], clients })
      started.push(latchkey)
      const targets = [
        { name: 'verifying-route', server: route, request: requestTo(ports[0], true) },
        { name: `latchkey, ${kind}`, server: latchkey, request: requestTo(ports[1], true) },
        { name: 'latchkey, secret alone', server: latchkey, request: requestTo(ports[1], false) },
      ]
      const rows = await interleave(targets, { rounds, seconds, connections: 64, reference: 'verifying-route' })
      parts.push(`### ${kind}\n\n${table(rows, 'the verifying route')}`)
    } finally {
      for (const server of started) await server.stop()
    }
  }
  return parts.join('\n\n')
}
