import {
  betterAuth,
  CLIENT,
  chosen,
  constantRoute,
  jmondi,
  latchkey,
  limit,
  nodeOAuth,
  oidcProvider,
  SECRET,
  withTargets,
} from '../contenders.mjs'
import { barsOf, figureOf, ratioOf, tableOf } from '../figures.mjs'
import { checkIssuing, tokenRequest } from '../requests.mjs'
import { interleave } from '../rounds.mjs'

const CONTENDERS = [
  latchkey(),
  oidcProvider(),
  nodeOAuth,
  jmondi,
  betterAuth,
  constantRoute,
  limit('fastify, random bytes and a hash', { server: 'fastify-route', work: 'random' }),
  limit('raw-http', { server: 'raw-http' }),
  limit('raw-http, random bytes and a hash', { server: 'raw-http', work: 'random' }),
  limit('raw-http, all that issuing takes', {
    server: 'raw-http',
    work: 'issue',
    env: { CLIENT_ID: CLIENT, CLIENT_SECRET: SECRET },
    keepsLog: true,
  }),
]
const PEERS = ['latchkey', '@node-oauth/oauth2-server', 'oidc-provider', '@jmondi/oauth2-server', 'better-auth']
/** With the time of each measurement, as a part of that which was asked for: the goals are about the first. */
const CONNECTIONS = { 64: 1, 16: 0.5, 1: 0.5 }

/**
 * Opaque tokens, or what a peer issues by default, for a secret by `client_secret_basic`, at 1, 16 and 64 connections, beside
 * the limits.
 */
export async function run({ only, rounds, seconds, progress }) {
  return await withTargets(chosen(CONTENDERS, only, constantRoute.name), async (started) => {
    await checkIssuing(started)
    const targets = started.map((target) => ({ ...target, request: tokenRequest(target) }))
    const tables = []
    const charts = []
    const figures = {}
    for (const [index, connections] of [64, 16, 1].entries()) {
      const windows = { rounds, seconds: seconds * CONNECTIONS[connections], connections }
      const results = await interleave(targets, { ...windows, progress: progress.part(index, 3) })
      const title = `${connections} connection${connections === 1 ? '' : 's'}`
      tables.push(tableOf(title, results, constantRoute.name))
      if (!results.has('latchkey')) continue
      for (const { name } of targets) {
        figures[`${connections}: requests to ${name}`] = ratioOf(results, 'latchkey', name)
        figures[`${connections}: p99 to ${name}`] = ratioOf(results, 'latchkey', name, 'p99')
        figures[`${connections}: requests/s of ${name}`] = figureOf(results, name, 'perSecond')
      }
      if (connections === 64)
        charts.push(
          { title: 'Access tokens per second, 64 connections', unit: 'tokens/s', bars: barsOf(results, PEERS) },
          {
            title: 'The slowest of a hundred answers, 64 connections',
            unit: 'ms, p99',
            bars: barsOf(results, PEERS, 'p99'),
          },
        )
    }
    return {
      notes: [
        'A secret that was generated, by `client_secret_basic`; opaque tokens, or for a peer what it issues by default, which is a JWT for @jmondi/oauth2-server.',
      ],
      tables,
      figures,
      charts,
    }
  })
}
