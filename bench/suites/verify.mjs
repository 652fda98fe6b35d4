import { createPublicKey, verify } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { createMemoryAdapter } from '../../packages/adapter-memory/dist/index.js'
import {
  createAuthorizationServer,
  defineClient,
  formOf,
  generateSecret,
  openKeyRing,
} from '../../packages/core/dist/index.js'
import { createTokenVerifier } from '../../packages/resource-server/dist/index.js'
import { figureOf, ratioOf, told } from '../figures.mjs'

const LIMIT = 'node:crypto'

const ALGORITHMS = {
  ES256: { digest: 'sha256', options: { dsaEncoding: 'ieee-p1363' } },
  EdDSA: { digest: undefined, options: {} },
  RS256: { digest: 'sha256', options: {} },
}

/**
 * Verifying one signed token in process: the server's own verifier, which also asks for revocations and the client, and the
 * verifier of an API, beside jose, and beside one verification of the signature by node:crypto, which is the limit. `--only`
 * takes algorithms.
 */
export async function run({ only, rounds, progress }) {
  const algorithms = Object.keys(ALGORITHMS).filter((name) => only === undefined || only.includes(name))
  const rows = []
  const figures = {}
  for (const [index, alg] of algorithms.entries()) {
    const { ways, close } = await waysOf(alg)
    try {
      const results = await measured(ways, rounds, progress.part(index, algorithms.length, alg))
      for (const name of results.keys()) {
        const ratio = ratioOf(results, name, LIMIT)
        figures[`${alg}: ${name} to ${LIMIT}`] = ratio
        const cell = (member) => figureOf(results, name, member).median.toFixed(0)
        rows.push([alg, name, told(ratio), cell('perSecond'), cell('cpuMicroseconds')])
      }
    } finally {
      await close()
    }
  }
  return {
    notes: [
      'One token after the other in one process: one verification of the signature by node:crypto is the limit, and all that the others look at besides comes on top.',
    ],
    tables: [
      {
        title: 'By algorithm',
        columns: ['algorithm', 'way', `verifications, ratio to ${LIMIT}`, 'per second', 'CPU µs'],
        rows,
      },
    ],
    figures,
    charts: [],
  }
}

async function measured(ways, rounds, progress) {
  const names = Object.keys(ways)
  const results = new Map(names.map((name) => [name, []]))
  for (const way of Object.values(ways)) await burst(way, 200)
  for (let round = 0; round < rounds; round += 1)
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(round + turn) % names.length]
      progress(`round ${round + 1} of ${rounds}`, (round + turn / names.length) / rounds)
      results.get(name).push(await burst(ways[name], 500))
    }
  return results
}

/** One after the other, as a request waits for its own. */
async function burst(verifyOnce, milliseconds) {
  const cpuBefore = process.cpuUsage()
  const started = performance.now()
  let count = 0
  while (performance.now() - started < milliseconds) {
    if ((await verifyOnce()) !== true) throw new Error('a good token was refused')
    count += 1
    // As between two requests: whatever else waits has its turn.
    if (count % 64 === 0) await setImmediate()
  }
  const { user, system } = process.cpuUsage(cpuBefore)
  return { perSecond: count / ((performance.now() - started) / 1000), cpuMicroseconds: (user + system) / count }
}

/** A server with one token, whose keys are served on the loopback interface, and the ways to verify that token. */
async function waysOf(alg) {
  const documents = new Map()
  const http = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'max-age=3600' })
    response.end(documents.get(request.url))
  })
  await once(http.listen(0, '127.0.0.1'), 'listening')
  const issuer = `http://127.0.0.1:${http.address().port}`

  const adapter = createMemoryAdapter()
  const { secret, hash, credentialId } = generateSecret()
  const credentials = [{ kind: 'secret', id: credentialId, hash }]
  await adapter.clients.add(defineClient({ id: 'bench', scopes: { read: true }, credentials }))
  const ring = await openKeyRing({ store: adapter.keys, masterKey: 'A'.repeat(43), alg })
  const server = createAuthorizationServer({
    issuer,
    clients: adapter.clients,
    tokens: adapter.tokens,
    signer: ring,
    accessTokenFormat: 'jwt',
  })
  const keys = server.jwks({ ifNoneMatch: undefined }).body
  documents.set(server.paths.jwks, keys).set(server.paths.metadata, JSON.stringify(server.metadata))
  const authorization = `Basic ${btoa(`bench:${secret}`)}`
  const form = formOf({ grant_type: 'client_credentials', scope: 'read' })
  const { access_token: token } = await server.token({ authorization, form })

  const api = createTokenVerifier({ issuer, audience: issuer })
  const keySet = createLocalJWKSet(JSON.parse(keys))
  const { digest, options } = ALGORITHMS[alg]
  const key = { key: createPublicKey({ key: JSON.parse(keys).keys[0], format: 'jwk' }), ...options }
  const [header, payload, signature] = token.split('.')
  return {
    ways: {
      'node:crypto': () =>
        verify(digest, Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')),
      jose: async () =>
        (await jwtVerify(token, keySet, { issuer, audience: issuer, typ: 'at+jwt' })).payload.client_id === 'bench',
      '@latchkey/resource-server': async () => (await api.verify({ token })).ok,
      '@latchkey/core': async () => (await server.verifyAccessToken({ token })).ok,
    },
    async close() {
      http.closeAllConnections()
      http.close()
      await ring.close()
      await server.close()
      await adapter.close()
    },
  }
}
