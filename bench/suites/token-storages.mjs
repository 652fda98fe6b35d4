import { chosen, constantRoute, latchkey, limit, withTargets } from '../contenders.mjs'
import { ratioOf, tableOf } from '../figures.mjs'
import { versionOf, withPlace } from '../places.mjs'
import { checkIssuing, introspectionRequest, tokenOf, tokenRequest } from '../requests.mjs'
import { interleave } from '../rounds.mjs'

/** How many tokens are asked about in turn: as many as the load makes ready before it begins. */
const KNOWN = 16

const MIGRATED = { LATCHKEY_AUTO_MIGRATE: 'true' }

/**
 * Opaque tokens on each storage, and on a mixed one with the clients in Postgres and the tokens in Redis, beside a Fastify
 * route that saves, or finds, a row of the same size by the fastest batched limit before it answers; at 64 connections.
 */
export async function run({ only, rounds, seconds, progress }) {
  return await withPlace('postgres', (postgres) =>
    withPlace('redis', (redis) =>
      withPlace('postgres', (clientsOfMixed) =>
        withPlace('redis', async (tokensOfMixed) => {
          const mixed = { LATCHKEY_CLIENT_STORAGE: clientsOfMixed, LATCHKEY_TOKEN_STORAGE: tokensOfMixed }
          const contenders = [
            constantRoute,
            latchkey({ name: 'latchkey on memory' }),
            latchkey({ name: 'latchkey on Postgres', settings: { LATCHKEY_STORAGE: postgres, ...MIGRATED } }),
            storingRoute('a route on Postgres', postgres),
            latchkey({ name: 'latchkey on Redis', settings: { LATCHKEY_STORAGE: redis, ...MIGRATED } }),
            storingRoute('a route on Redis', redis),
            latchkey({ name: 'latchkey on both, mixed', settings: { ...mixed, ...MIGRATED } }),
          ]
          return await withTargets(chosen(contenders, only, constantRoute.name), async (started) => {
            await checkIssuing(started)
            const targets = started.map((target) => ({ ...target, request: tokenRequest(target) }))
            const results = await interleave(targets, {
              rounds,
              seconds,
              connections: 64,
              progress: (says, done) => progress(`issuing, ${says}`, done / 2),
            })
            const asking = []
            for (const target of started) asking.push(await introspecting(target))
            const introspected = await interleave(asking, {
              rounds,
              seconds,
              connections: 64,
              progress: (says, done) => progress(`introspection, ${says}`, 0.5 + done / 2),
            })
            const figures = {}
            for (const storage of ['Postgres', 'Redis'])
              if (only === undefined)
                for (const [what, found] of Object.entries({ issue: results, introspect: introspected }))
                  figures[`${storage}: ${what}, requests to the route`] = ratioOf(
                    found,
                    `latchkey on ${storage}`,
                    `a route on ${storage}`,
                  )
            return {
              notes: [
                `${await versionOf.postgres(postgres)}; ${await versionOf.redis(redis)}. In the mixed storage the clients are in Postgres and the tokens in Redis.`,
                `The routes parse the form and know no client. To issue, they make a token and its hash and save a row of the size of ours; to introspect, they hash a token and find its row; what waits together is one statement or pipeline. ${KNOWN} live tokens are asked about in turn, and the constant route looks up nothing.`,
              ],
              tables: [
                tableOf('Issuing, 64 connections', results, constantRoute.name),
                tableOf('Introspection, 64 connections', introspected, constantRoute.name),
              ],
              figures,
              charts: [],
            }
          })
        }),
      ),
    ),
  )
}

const storingRoute = (name, url) => {
  const { command, ...rest } = limit(name, { server: 'storing-route', env: { STORAGE: url } })
  return { ...rest, command }
}

/** The same target, asked about tokens of its own. */
async function introspecting(target) {
  const tokens = []
  while (tokens.length < KNOWN) tokens.push(await tokenOf(target))
  const request = introspectionRequest(target, tokens[0])
  return { ...target, request: { ...request, variants: tokens.map((token) => ({ body: `token=${token}` })) } }
}
