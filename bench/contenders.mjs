import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateSecret } from '../packages/core/dist/index.js'
import { freePort } from './free-port.mjs'
import { startServer } from './server-process.mjs'

/** What every client asks for. */
export const SCOPE = 'orders:read orders:write'

/** The one client that all of them know; its secret is one that Latchkey generated. */
export const CLIENT = 'bench'
const { secret, hash, credentialId } = generateSecret()
export const SECRET = secret

/** The members of that client in a clients file. */
export const registered = { client_secrets: [{ id: credentialId, hash }], scope: SCOPE }

/** An answer of the size of ours. */
export const ANSWER = JSON.stringify({
  access_token: `lk_at_${'x'.repeat(49)}`,
  token_type: 'Bearer',
  expires_in: 3600,
  scope: SCOPE,
})

const pathOf = (file) => new URL(file, import.meta.url).pathname

const directories = new Set()

function removeDirectory(directory) {
  rmSync(directory, { recursive: true, force: true })
  directories.delete(directory)
}

process.once('exit', () => {
  for (const directory of directories) removeDirectory(directory)
})

/** A directory for one server, and what removes it. */
function ownDirectory() {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  directories.add(directory)
  return { directory, log: join(directory, 'log.ndjson'), clean: () => removeDirectory(directory) }
}

/** A server that shows what no implementation is without. Its `work` is one of those in `servers/limit-work.mjs`. */
export const limit = (name, { server, work = 'constant', env = {}, keepsLog = false, cores }) => ({
  name,
  isLimit: true,
  command(port) {
    const { log, clean } = keepsLog ? ownDirectory() : {}
    return {
      args: [pathOf(`servers/${server}.mjs`)],
      env: { PORT: String(port), ANSWER, SCOPE, WORK: work, ...env },
      log,
      cores,
      clean,
    }
  },
})

/** The route that everything is compared with: it parses the form as anybody would, and answers a constant. */
export const constantRoute = limit('constant-route', { server: 'fastify-route' })

/** Latchkey as it is shipped: on memory unless told otherwise, its event log written to a file. */
export const latchkey = ({ name = 'latchkey', clients = { [CLIENT]: registered }, settings = {}, cores } = {}) => ({
  name,
  command(port) {
    const { directory, log, clean } = ownDirectory()
    const file = join(directory, 'clients.json')
    writeFileSync(file, JSON.stringify(clients))
    return {
      args: [pathOf('../packages/http/dist/cli/main.js'), 'serve'],
      env: {
        LATCHKEY_PORT: String(port),
        LATCHKEY_CLIENTS_FILE: file,
        // A run issues more than the million that it would hold else.
        LATCHKEY_STORAGE: 'memory:?tokens=20000000',
        ...settings,
      },
      log,
      ready: '/health/live',
      cores,
      clean,
    }
  },
})

/** Another authorization server, configured in `servers/`. */
const peer = (name, { file = name, env = {} } = {}) => ({
  name,
  command: (port) => ({
    args: [pathOf(`servers/${file}.mjs`)],
    env: { PORT: String(port), CLIENT_ID: CLIENT, CLIENT_SECRET: SECRET, SCOPE, ...env },
  }),
})

export const oidcProvider = (env) => peer('oidc-provider', { env })
export const nodeOAuth = peer('@node-oauth/oauth2-server', { file: 'node-oauth' })
export const jmondi = peer('@jmondi/oauth2-server', { file: 'jmondi' })
export const betterAuth = peer('better-auth')

/**
 * Those that `--only` names, and all where it names none; the reference is always there.
 *
 * @template {{ name: string }} T
 * @param {readonly T[]} contenders
 */
export const chosen = (contenders, only, reference) =>
  contenders.filter(({ name }) => only === undefined || name === reference || only.includes(name))

/**
 * Starts all of them, hands them over, and stops them whatever happens.
 *
 * @template T
 * @param {(targets: { name: string, port: number, origin: string, server: object }[]) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withTargets(contenders, use) {
  const targets = []
  const cleaning = []
  try {
    for (const { name, isLimit = false, command } of contenders) {
      const port = await freePort()
      const { ready = '/', clean, ...rest } = command(port)
      if (clean) cleaning.push(clean)
      const origin = `http://127.0.0.1:${port}`
      targets.push({ name, isLimit, port, origin, server: await startServer({ ...rest, url: `${origin}${ready}` }) })
    }
    return await use(targets)
  } finally {
    for (const { server } of targets) await server.stop()
    for (const clean of cleaning) clean()
  }
}
