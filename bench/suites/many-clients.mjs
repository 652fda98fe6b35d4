import { defineClient, generateSecret } from '../../packages/core/dist/index.js'
import { openBackend, STORAGES, withAddress } from '../backends/index.mjs'
import { latchkey, SCOPE, withTargets } from '../contenders.mjs'
import { figureOf, ratioOf, tableOf } from '../figures.mjs'
import { basic, tokenRequest } from '../requests.mjs'
import { interleave } from '../rounds.mjs'

const COUNT = 100_000
/** How many of them ask in turn: more than any cache holds for long. */
const ASKING = 20_000

/**
 * 100,000 clients in storage, of which twenty thousand ask in turn, beside one of them that asks alone; opaque tokens, 64
 * connections. `--only` takes storages.
 */
export async function run({ only, rounds, seconds, progress }) {
  const names = STORAGES.filter((name) => only === undefined || only.includes(name))
  const all = registrations()
  const tables = []
  const figures = {}
  for (const [index, name] of names.entries())
    await withAddress(name, async (url) => {
      const part = progress.part(index, names.length, name)
      part('clients are registered', 0)
      if (url !== undefined) await register(name, url, all)
      const settings = url === undefined ? {} : { LATCHKEY_STORAGE: url, LATCHKEY_AUTO_MIGRATE: 'true' }
      // Memory knows what its clients file says; the others know them already.
      const clients = url === undefined ? fileOf(all) : {}
      await withTargets([latchkey({ clients, settings })], async ([server]) => {
        const one = {
          ...server,
          name: `${name}: one client`,
          request: tokenRequest(server, basic(all[0].id, all[0].secret)),
        }
        const variants = all.slice(0, ASKING).map(({ id, secret }) => ({ headers: basic(id, secret) }))
        const many = { ...server, name: `${name}: ${ASKING} clients in turn`, request: { ...one.request, variants } }
        const results = await interleave([one, many], { rounds, seconds, connections: 64, progress: part })
        tables.push(tableOf(name, results, one.name))
        figures[`${name}: requests to one client`] = ratioOf(results, many.name, one.name)
        figures[`${name}: requests/s`] = figureOf(results, many.name, 'perSecond')
      })
    })
  return {
    notes: [
      `${COUNT} clients are registered; ${ASKING} of them ask in turn, beside one that asks alone. 64 connections.`,
    ],
    tables,
    figures,
    charts: [],
  }
}

const registrations = () =>
  Array.from({ length: COUNT }, (_, number) => ({ id: `client-${number}`, ...generateSecret() }))

const fileOf = (all) =>
  Object.fromEntries(
    all.map(({ id, credentialId, hash }) => [id, { client_secrets: [{ id: credentialId, hash }], scope: SCOPE }]),
  )

async function register(name, url, all) {
  const { adapter, close } = await openBackend(name, url)
  const scopes = Object.fromEntries(SCOPE.split(' ').map((scope) => [scope, true]))
  let next = 0
  const worker = async () => {
    while (next < all.length) {
      const { id, credentialId, hash } = all[next++]
      const added = await adapter.clients.add(
        defineClient({ id, scopes, credentials: [{ kind: 'secret', id: credentialId, hash }] }),
      )
      if (!added) throw new Error(`${id} was not added`)
    }
  }
  try {
    // As many as there are connections.
    await Promise.all(Array.from({ length: 10 }, worker))
  } finally {
    await close()
  }
}
