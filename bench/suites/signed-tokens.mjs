import { randomBytes } from 'node:crypto'
import { chosen, latchkey, limit, oidcProvider, withTargets } from '../contenders.mjs'
import { barsOf, ratioOf, tableOf } from '../figures.mjs'
import { checkIssuing, tokenOf, tokenRequest } from '../requests.mjs'
import { interleave } from '../rounds.mjs'

/** What makes the service sign by an algorithm. */
const SETTINGS = {
  ES256: { LATCHKEY_SIGNING_ALG: 'ES256' },
  EdDSA: { LATCHKEY_SIGNING_ALG: 'EdDSA' },
  RS256: { LATCHKEY_SIGNING_ALG: 'RS256' },
  HS256: { LATCHKEY_SIGNING_ALG: 'HS256', LATCHKEY_JWT_SECRET: randomBytes(32).toString('base64url') },
}
const ROUTE = 'signing-route'

/**
 * JWTs by each algorithm, a secret by `client_secret_basic`, beside a route that parses the form, signs, and does nothing
 * else, at 64 connections. `--only` takes algorithms.
 */
export async function run({ only, rounds, seconds, progress }) {
  const algorithms = Object.keys(SETTINGS).filter((name) => only === undefined || only.includes(name))
  const tables = []
  const figures = {}
  const charts = []
  for (const [index, alg] of algorithms.entries()) {
    const contenders = [
      latchkey({ settings: { LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt', ...SETTINGS[alg] } }),
      // It signs access tokens by a shared secret only for a resource that has one of its own.
      ...(alg === 'HS256' ? [] : [oidcProvider({ ALG: alg })]),
      limit(ROUTE, { server: 'fastify-route', work: 'sign', env: { ALG: alg } }),
      limit('raw-http, one signature', { server: 'raw-http', work: 'sign', env: { ALG: alg } }),
    ]
    await withTargets(chosen(contenders, undefined, ROUTE), async (started) => {
      // A shared secret has no public key, and Latchkey introspects its own.
      await checkIssuing(started)
      await checkSigned(started, alg)
      const targets = started.map((target) => ({ ...target, request: tokenRequest(target) }))
      const part = progress.part(index, algorithms.length, alg)
      const results = await interleave(targets, { rounds, seconds, connections: 64, progress: part })
      tables.push(tableOf(alg, results, ROUTE))
      for (const { name } of targets) figures[`${alg}: requests to ${name}`] = ratioOf(results, 'latchkey', name)
      if (alg === 'ES256')
        charts.push({
          title: 'JWTs by ES256 per second, 64 connections',
          unit: 'tokens/s',
          bars: barsOf(results, ['latchkey', 'oidc-provider', ROUTE]),
        })
    })
  }
  return {
    notes: [
      '64 connections. The signing route parses the form, signs a token of the size of ours with node:crypto on its one core, and does nothing else.',
    ],
    tables,
    figures,
    charts,
  }
}

/** All must do what is compared: sign, by that algorithm, a token of the same size. */
async function checkSigned(targets, alg) {
  const lengths = []
  for (const target of targets) {
    const token = await tokenOf(target)
    const header = JSON.parse(Buffer.from(token.split('.')[0], 'base64url').toString())
    if (header.alg !== alg) throw new Error(`${target.name} signs by ${header.alg}, and not by ${alg}`)
    lengths.push(token.length)
  }
  if (Math.max(...lengths) - Math.min(...lengths) > 120)
    throw new Error(`the tokens differ too much: ${lengths} characters`)
}
