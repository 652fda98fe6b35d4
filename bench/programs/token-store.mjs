/**
 * A process of its own with a storage of tokens and a server on it, which does what it is told by messages, one at a time:
 * fills the storage, or issues or introspects for some seconds.
 */
import { createHash } from 'node:crypto'
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { openBackend } from '../backends/index.mjs'
import { anyOf, serverOn, tokensOf } from '../core-server.mjs'
import { load } from '../windows.mjs'

const [name, url] = process.argv.slice(2)
const backend = await openBackend(name, url)
const server = serverOn(backend.adapter.tokens)
const known = await tokensOf(server, 10_000)

let collecting = 0
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) collecting = Math.max(collecting, duration)
}).observe({ entryTypes: ['gc'] })

const DO = {
  async fill({ count }) {
    const { adapter, fill } = backend
    await fill(count, await adapter.tokens.find(createHash('sha256').update(known[0]).digest('base64url')))
  },
  issue: ({ callers, seconds }) => load(server.issue, { callers, seconds }),
  introspect: ({ callers, seconds }) => load(() => server.introspect(anyOf(known)), { callers, seconds }),
}

process.on('message', async ({ what, ...plan }) => {
  collecting = 0
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const result = await DO[what](plan)
  delay.disable()
  process.send({ ...result, pause: delay.max / 1e6 - 1, collecting })
})
process.once('disconnect', () => backend.close().finally(() => process.exit(0)))
process.send('ready')
