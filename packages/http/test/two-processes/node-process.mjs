/**
 * One node of an installation, told by its parent what to do: an adapter of its own, connections of its own, a clock and a
 * cache of its own. It runs what was built, as an operator's process does.
 */
import { readFileSync } from 'node:fs'
import { createAuthorizationServer, openKeyRing } from '@latchkey/core'
import { createApp, createLog, createReadiness, readConfig, startService } from '@latchkey/http'

/**
 * @typedef {import('@latchkey/core').Adapter} Adapter
 * @typedef {import('@latchkey/http').Service} Service
 */

/** How many claims a node has under way at once. */
const CLAIMS_AT_ONCE = 16

/** @type {Map<string, Adapter>} */
const opened = new Map()

/** @type {Service | undefined} */
let service

/** @type {(() => Promise<import('./node-process.ts').KeyHistory>) | undefined} */
let endRotating

/** @param {string} url */
async function adapterAt(url) {
  const known = opened.get(url)
  if (known !== undefined) return known
  const { openAdapter } = await import(
    url.startsWith('redis') ? '@latchkey/adapter-redis' : '@latchkey/adapter-postgres'
  )
  const adapter = /** @type {Adapter} */ (await openAdapter(new URL(url)))
  opened.set(url, adapter)
  return adapter
}

/**
 * What a node can be told. The names of the keys are those of `NodeCommands` in `node-process.ts`.
 *
 * @type {Readonly<Record<string, (argument: any) => Promise<unknown>>>}
 */
const COMMANDS = {
  open: async (/** @type {string} */ url) => {
    await adapterAt(url)
  },
  migrate: async (/** @type {string} */ url) => (await adapterAt(url)).migrations?.apply(),
  pending: async (/** @type {string} */ url) => (await adapterAt(url)).migrations?.pending(),
  sweep: async (/** @type {{ url: string, now: number }} */ { url, now }) => (await adapterAt(url)).sweeper?.sweep(now),
  claim: async (/** @type {{ url: string, keys: string[], expiresAt: number }} */ { url, keys, expiresAt }) => {
    const { replays } = await adapterAt(url)
    if (replays === undefined) throw new Error('it has no replay guard')
    return Promise.all(keys.map((key) => replays.claim(key, expiresAt)))
  },
  /** Claims one key after the other, and tells of each that it has won, until somebody ends it. */
  claimOnAndOn: async (
    /** @type {{ url: string, prefix: string, expiresAt: number }} */ { url, prefix, expiresAt },
  ) => {
    const { replays } = await adapterAt(url)
    let next = 0
    const worker = async () => {
      for (;;) {
        const key = `${prefix}-${next++}`
        if (await replays?.claim(key, expiresAt)) process.send?.({ claimed: key })
      }
    }
    await Promise.all(Array.from({ length: CLAIMS_AT_ONCE }, worker))
  },
  disable: async (/** @type {{ url: string, id: string }} */ { url, id }) => {
    const { clients } = await adapterAt(url)
    const client = await clients?.find(id)
    return client !== undefined && clients?.replace({ ...client, enabled: false }, client.version)
  },
  serve: async (/** @type {Record<string, string>} */ settings) => {
    const config = readConfig({ LATCHKEY_ISSUER: 'http://localhost:4000', LATCHKEY_PORT: '0', ...settings }, readFile)
    const log = createLog('silent', { write: () => undefined })
    service = await startService({ config, log, directory: import.meta.dirname, readFile })
    return Number(new URL(service.address).port)
  },
  /** The service's app with keys that come and go as no setting lets them. */
  serveRotating: async (/** @type {import('./node-process.ts').Rotating} */ { url, masterKey, schedule, lifetime }) => {
    const { clients, tokens, keys } = await adapterAt(url)
    if (clients === undefined || tokens === undefined || keys === undefined) throw new Error('a port is missing')
    const log = createLog('silent', { write: () => undefined })
    const history = { made: 0, complaints: /** @type {string[]} */ ([]) }
    const ring = await openKeyRing({
      ...schedule,
      store: keys,
      masterKey,
      onEvent: ({ type }) => {
        if (type === 'signing_key_added') history.made += 1
        else if (type !== 'signing_key_removed') history.complaints.push(type)
      },
    })
    const server = createAuthorizationServer({
      issuer: 'http://localhost:4000',
      clients,
      tokens,
      signer: ring,
      accessTokenFormat: 'jwt',
      accessTokenLifetime: lifetime,
    })
    const app = createApp({ server, log, settings: {}, readiness: createReadiness({ adapters: [], log }) })
    endRotating = async () => {
      await app.close()
      await server.close()
      await ring.close()
      return history
    }
    return Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
  },
  endRotating: async () => endRotating?.(),
  endService: async () => {
    await service?.close()
    service = undefined
  },
  close: async (/** @type {string} */ url) => {
    await opened.get(url)?.close()
    opened.delete(url)
  },
}

/** @param {string} path */
function readFile(path) {
  return readFileSync(path, 'utf8')
}

/** @param {{ id: number, name: string, argument: unknown, at: number }} message */
async function obey({ id, name, argument, at }) {
  try {
    // Two nodes that are told of the same moment begin at once, whichever of them heard of it first.
    while (Date.now() < at);
    process.send?.({ id, result: await COMMANDS[name]?.(argument) })
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.message : String(error) })
  }
}

process.on('message', (message) => void obey(/** @type {Parameters<typeof obey>[0]} */ (message)))

// Without its parent it is of no use to anybody.
process.on('disconnect', () => process.exit())

process.send?.({ ready: true })
