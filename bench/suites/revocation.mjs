import { betterAuth, chosen, constantRoute, jmondi, latchkey, oidcProvider, withTargets } from '../contenders.mjs'
import { ratioOf, tableOf } from '../figures.mjs'
import { checkIssuing, introspectionRequest, revocationRequest, send, tokenOf, tokenRequest } from '../requests.mjs'
import { interleave } from '../rounds.mjs'

/** How many tokens are revoked for each second that is asked for: about what each can, since all must be issued before. */
const PER_SECOND = { latchkey: 5000, 'constant-route': 5000, 'oidc-provider': 3000 }
const SLOWLY = 500

const CONTENDERS = [latchkey(), oidcProvider(), jmondi, betterAuth, constantRoute]

/** Revocation of live opaque tokens on memory, each once, by the client that has them; at 64 connections. */
export async function run({ only, rounds, seconds, progress }) {
  return await withTargets(chosen(CONTENDERS, only, constantRoute.name), async (started) => {
    await checkIssuing(started)
    await checkRevoking(started)
    const targets = started.map((target) => ({
      ...target,
      amount: Math.ceil((PER_SECOND[target.name] ?? SLOWLY) * seconds),
      request: { ...revocationRequest(target, 'x'), revokes: tokenRequest(target) },
    }))
    const results = await interleave(targets, { rounds, seconds, connections: 64, progress })
    const figures = {}
    if (results.has('latchkey'))
      for (const { name } of targets) figures[`requests to ${name}`] = ratioOf(results, 'latchkey', name)
    return {
      notes: [
        `64 connections; ${targets.map(({ name, amount }) => `${amount} tokens of ${name}`).join(', ')} in each round, each of them live and revoked once. @node-oauth/oauth2-server has no such endpoint.`,
      ],
      tables: [tableOf('64 connections', results, constantRoute.name)],
      figures,
      charts: [],
    }
  })
}

/** Each of them takes the token back: it is no longer active. */
async function checkRevoking(targets) {
  for (const target of targets.filter(({ isLimit }) => !isLimit)) {
    const token = await tokenOf(target)
    const { status } = await send(revocationRequest(target, token))
    const { active } = await (await send(introspectionRequest(target, token))).json()
    if (status !== 200 || active !== false) throw new Error(`${target.name} does not revoke`)
  }
}
