import { chosen, constantRoute, latchkey, limit, withTargets } from '../contenders.mjs'
import { ratioOf, tableOf } from '../figures.mjs'
import { versionOf, withPlace } from '../places.mjs'
import { checkIssuing, tokenRequest } from '../requests.mjs'
import { interleave } from '../rounds.mjs'

const MIGRATED = { LATCHKEY_AUTO_MIGRATE: 'true' }

/**
 * Opaque tokens on each storage, and on a mixed one with the clients in Postgres and the tokens in Redis, beside a Fastify
 * route that saves a row of the same size by the fastest batched limit before it answers; at 64 connections.
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
            storingRoute('a route that saves in Postgres', postgres),
            latchkey({ name: 'latchkey on Redis', settings: { LATCHKEY_STORAGE: redis, ...MIGRATED } }),
            storingRoute('a route that saves in Redis', redis),
            latchkey({ name: 'latchkey on both, mixed', settings: { ...mixed, ...MIGRATED } }),
          ]
          return await withTargets(chosen(contenders, only, constantRoute.name), async (started) => {
            await checkIssuing(started)
            const targets = started.map((target) => ({ ...target, request: tokenRequest(target) }))
            const results = await interleave(targets, { rounds, seconds, connections: 64, progress })
            const figures = {}
            for (const storage of ['Postgres', 'Redis'])
              if (only === undefined)
                figures[`${storage}: requests to the route`] = ratioOf(
                  results,
                  `latchkey on ${storage}`,
                  `a route that saves in ${storage}`,
                )
            return {
              notes: [
                `${await versionOf.postgres(postgres)}; ${await versionOf.redis(redis)}. In the mixed storage the clients are in Postgres and the tokens in Redis.`,
                'The routes that save parse the form, make a token and its hash, save a row of the size of ours, what waits together in one statement or pipeline, and know no client.',
              ],
              tables: [tableOf('64 connections', results, constantRoute.name)],
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
