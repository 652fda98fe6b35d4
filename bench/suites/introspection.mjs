import { generateSecret } from '../../packages/core/dist/index.js'
import {
  betterAuth,
  CLIENT,
  chosen,
  jmondi,
  latchkey,
  limit,
  oidcProvider,
  registered,
  SCOPE,
  withTargets,
} from '../contenders.mjs'
import { barsOf, ratioOf, tableOf } from '../figures.mjs'
import { basic, checkIssuing, introspectionRequest, tokenOf } from '../requests.mjs'
import { interleave } from '../rounds.mjs'

/** How many tokens are asked about in turn: as many as the load makes ready before it begins. */
const KNOWN = 16

const ANSWER = JSON.stringify({
  active: true,
  scope: SCOPE,
  client_id: CLIENT,
  token_type: 'Bearer',
  exp: 1_900_003_600,
  iat: 1_900_000_000,
  sub: CLIENT,
  aud: 'http://localhost:40000',
  iss: 'http://localhost:40000',
})

/** A resource server: it asks about the tokens of all clients. */
const API = 'api'
const { secret, hash, credentialId } = generateSecret()
const clients = {
  [CLIENT]: registered,
  [API]: { client_secrets: [{ id: credentialId, hash }], introspect: 'any' },
}
const byApi = basic(API, secret)

/**
 * Introspection of opaque tokens and of JWTs, by the client that has them and by a resource server, on memory, beside peers,
 * a constant route, and a route that does nothing but parse and verify; at 64 connections.
 */
export async function run({ only, rounds, seconds, progress }) {
  const opaque = latchkey({ name: 'latchkey', clients })
  const signed = latchkey({ name: 'latchkey, JWT', clients, settings: { LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt' } })
  return await withTargets([opaque, signed], async ([forOpaque, forJwt]) => {
    await checkIssuing([forOpaque, forJwt])
    const answer = await fetch(`${forJwt.origin}/.well-known/oauth-authorization-server`)
    const { jwks_uri: address } = await answer.json()
    const { keys } = await (await fetch(address)).json()
    const constant = limit('constant-route', { server: 'fastify-route', env: { ANSWER } })
    const verifying = limit('verifying-route', {
      server: 'fastify-route',
      work: 'verify',
      env: { ANSWER, JWK: JSON.stringify(keys[0]) },
    })
    const others = [constant, verifying, limit('raw-http', { server: 'raw-http', env: { ANSWER } })]
    const peers = [oidcProvider(), jmondi, betterAuth]
    return await withTargets(chosen([...others, ...peers], only, constant.name), async (started) => {
      await checkIssuing(started)
      const jwts = await known(forJwt)
      const opaques = await known(forOpaque)
      const targets = [
        asking({ ...forOpaque, name: 'latchkey, opaque, by its client' }, opaques),
        asking({ ...forOpaque, name: 'latchkey, opaque, by a resource server' }, opaques, byApi),
        asking({ ...forJwt, name: 'latchkey, JWT, by its client' }, jwts),
        asking({ ...forJwt, name: 'latchkey, JWT, by a resource server' }, jwts, byApi),
      ]
      for (const target of started)
        targets.push(
          asking(target, target.isLimit ? (target.name === verifying.name ? jwts : opaques) : await known(target)),
        )
      const results = await interleave(targets, { rounds, seconds, connections: 64, progress })
      const figures = {}
      for (const { name } of targets) {
        figures[`opaque: requests to ${name}`] = ratioOf(results, 'latchkey, opaque, by its client', name)
        figures[`JWT: requests to ${name}`] = ratioOf(results, 'latchkey, JWT, by its client', name)
      }
      return {
        notes: [
          `64 connections, ${KNOWN} live tokens asked about in turn. The verifying route parses the form and verifies one signature by ES256 with node:crypto, and nothing else. @node-oauth/oauth2-server has no such endpoint.`,
        ],
        tables: [tableOf('64 connections', results, constant.name)],
        figures,
        charts: [
          {
            title: 'Introspections per second, 64 connections',
            unit: 'answers/s',
            bars: barsOf(results, [
              'latchkey, opaque, by its client',
              'latchkey, JWT, by its client',
              'oidc-provider',
              '@jmondi/oauth2-server',
              'better-auth',
            ]),
          },
        ],
      }
    })
  })
}

const known = async (target) => {
  const tokens = []
  while (tokens.length < KNOWN) tokens.push(await tokenOf(target))
  return tokens
}

function asking(target, tokens, headers) {
  const { url, headers: all, body } = introspectionRequest(target, tokens[0], headers)
  return {
    ...target,
    request: { url, headers: all, body, variants: tokens.map((token) => ({ body: `token=${token}` })) },
  }
}
