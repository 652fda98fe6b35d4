import { CLIENT, chosen, latchkey, registered, withTargets } from '../contenders.mjs'
import { ratioOf, tableOf } from '../figures.mjs'
import { tokenRequest } from '../requests.mjs'
import { interleave } from '../rounds.mjs'
import { makeSigningKey } from '../signed-requests.mjs'

/** What comes with a token request. */
const KINDS = {
  private_key_jwt: { assertion: true },
  'secret and DPoP proof': { proof: true },
  'private_key_jwt and DPoP proof': { assertion: true, proof: true },
}
const ROUTE = 'verifying-route'

/**
 * Opaque tokens on memory for clients that sign, ES256 throughout, each beside a route that parses the form, makes the same
 * verifications, and does nothing else, and beside the same client with its secret; at 64 connections. `--only` takes kinds.
 */
export async function run({ only, rounds, seconds, progress }) {
  const key = makeSigningKey()
  const clients = { [CLIENT]: { ...registered, jwks: { keys: [key.jwk] } } }
  const kinds = Object.entries(KINDS).filter(([kind]) => only === undefined || only.includes(kind))
  const tables = []
  const figures = {}
  for (const [index, [kind, { assertion = false, proof = false }]] of kinds.entries()) {
    const contenders = [verifyingRoute({ key, assertion, proof }), latchkey({ clients })]
    await withTargets(chosen(contenders, undefined, ROUTE), async ([route, server]) => {
      const signing = (target) => {
        const { headers, ...request } = tokenRequest(target, assertion ? {} : undefined)
        const signed = { client: CLIENT, issuer: `http://localhost:${target.port}`, ...key, assertion, proof }
        return { ...target, request: { ...request, headers, signed } }
      }
      const name = `latchkey, ${kind}`
      const plain = { ...server, name: 'latchkey, secret alone', request: tokenRequest(server) }
      const targets = [signing(route), { ...signing(server), name }, plain]
      const part = progress.part(index, kinds.length, kind)
      const results = await interleave(targets, { rounds, seconds, connections: 64, progress: part })
      tables.push(tableOf(kind, results, ROUTE))
      figures[`${kind}: requests to ${ROUTE}`] = ratioOf(results, name, ROUTE)
      figures[`${kind}: requests to a secret alone`] = ratioOf(results, name, plain.name)
    })
  }
  return {
    notes: [
      'ES256, 64 connections; each request is signed before it is sent, and passes once. The verifying route parses the form and makes the same verifications with node:crypto, and nothing else.',
    ],
    tables,
    figures,
    charts: [],
  }
}

const verifyingRoute = ({ key, assertion, proof }) => ({
  name: ROUTE,
  isLimit: true,
  command: (port) => ({
    args: [new URL('../servers/verifying-route.mjs', import.meta.url).pathname],
    env: {
      PORT: String(port),
      JWK: JSON.stringify(key.jwk),
      ...(assertion && { ASSERTION: 'true' }),
      ...(proof && { PROOF: 'true' }),
    },
  }),
})
