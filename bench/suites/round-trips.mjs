import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { latchkey, withTargets } from '../contenders.mjs'
import { startCountingProxy } from '../counting-proxy.mjs'
import { figure } from '../figures.mjs'
import { withPlace } from '../places.mjs'
import { introspectionRequest, send, tokenOf } from '../requests.mjs'

const REQUESTS = 300
const FORMATS = ['opaque', 'jwt']
const DEFAULT_PORTS = { postgres: 5432, redis: 6379 }

/**
 * How often the service asks its storage for each request, one after the other, with the client in its cache: counted on the
 * wire, without what it asks by itself while nobody does.
 */
export async function run({ only, progress }) {
  const names = ['postgres', 'redis'].filter((name) => only === undefined || only.includes(name))
  const rows = []
  const figures = {}
  for (const [index, name] of names.entries())
    for (const [turn, format] of FORMATS.entries())
      await withPlace(name, async (url) => {
        progress(`${name}, ${format}`, (index + turn / 2) / names.length)
        const through = new URL(url)
        const port = Number(through.port || DEFAULT_PORTS[name])
        const proxy = await startCountingProxy({ host: through.hostname, port })
        through.hostname = '127.0.0.1'
        through.port = String(proxy.port)
        const settings = {
          LATCHKEY_STORAGE: through.href,
          LATCHKEY_AUTO_MIGRATE: 'true',
          LATCHKEY_ACCESS_TOKEN_FORMAT: format,
          ...(format === 'jwt' && { LATCHKEY_MASTER_KEY: randomBytes(32).toString('base64url') }),
        }
        await withTargets([latchkey({ settings })], async ([server]) => {
          const token = await tokenOf(server)
          const found = {
            issue: await count(proxy, () => tokenOf(server)),
            introspect: await count(proxy, () =>
              send(introspectionRequest(server, token)).then((answer) => answer.text()),
            ),
          }
          for (const [what, roundTrips] of Object.entries(found)) {
            figures[`${name}: ${what}, ${format}`] = figure([roundTrips])
            rows.push([`${name}: ${what}, ${format}`, roundTrips.toFixed(2)])
          }
        })
        proxy.close()
      })
  return {
    notes: [
      `${REQUESTS} requests one after the other, the client in the cache. A batch that notes when a secret was last used is in the figure.`,
    ],
    tables: [{ title: 'For each request', columns: ['', 'round trips'], rows }],
    figures,
    charts: [],
  }
}

async function count(proxy, ask) {
  await ask()
  const idle = proxy.count()
  await sleep(1000)
  const perSecond = proxy.count() - idle
  const before = proxy.count()
  const began = performance.now()
  for (let request = 0; request < REQUESTS; request += 1) await ask()
  const byItself = (perSecond * (performance.now() - began)) / 1000
  return Math.max(0, (proxy.count() - before - byItself) / REQUESTS)
}
