import { missing, PACKAGES } from './binaries.mjs'

/**
 * @typedef {import('./binaries.mjs').BackendName} BackendName
 *
 * @typedef {object} Found
 * @property {string} url
 * @property {string} way in words, for whoever runs the tests
 * @property {() => Promise<void>} stop ends what was started for it, if anything was
 *
 * What the decision asks of the machine. All of it can be given, so that every way can be tested on any machine.
 * @typedef {object} Machine
 * @property {Readonly<Record<string, string | undefined>>} environment
 * @property {(name: BackendName, url: string) => Promise<boolean>} answers whether a backend serves the tests there
 * @property {() => Readonly<Record<BackendName, string | undefined>>} binaries
 * @property {(name: BackendName) => Promise<{ url: string, stop: () => Promise<void> }>} startPrivate
 * @property {() => boolean} hasDocker
 * @property {(name: BackendName) => { stop: () => Promise<void> }} composeUp `docker compose up --wait`
 * @property {() => boolean} mayInstall whether this is root on Debian or Ubuntu
 * @property {(names: readonly BackendName[]) => void} install apt-get
 */

/** Where each backend is told of. */
const VARIABLES = Object.freeze({ postgres: 'TEST_POSTGRES_URL', redis: 'TEST_REDIS_URL' })

/** What `docker-compose.yml` serves; the first of each. */
export const LOCAL = Object.freeze({
  postgres: [
    'postgres://latchkey:latchkey@127.0.0.1:5432/latchkey',
    'postgres://postgres@127.0.0.1:5432/postgres',
    'postgres://postgres:postgres@127.0.0.1:5432/postgres',
  ],
  redis: ['redis://127.0.0.1:6379'],
})

/**
 * Finds one backend, or starts it: what the environment names, what answers on the standard port, the binary on this
 * machine, docker, and at last apt-get. Never goes without.
 *
 * @param {BackendName} name
 * @param {Machine} machine
 * @returns {Promise<Found>}
 * @throws {Error} that names what to install, or the variable whose address does not answer
 */
export async function decideBackend(name, machine) {
  const named = machine.environment[VARIABLES[name]]
  if (named) {
    // Whoever named an address wants that one: another in its place would test something else.
    if (!(await machine.answers(name, named))) throw new Error(`${VARIABLES[name]} names a ${name} that does not serve`)
    return { url: named, way: VARIABLES[name], stop: nothing }
  }
  for (const url of LOCAL[name]) {
    if (await machine.answers(name, url)) return { url, way: `the one on port ${new URL(url).port}`, stop: nothing }
  }
  if (machine.binaries()[name] !== undefined) return await started(name, machine, 'started privately')
  if (machine.hasDocker()) {
    const { stop } = machine.composeUp(name)
    const url = LOCAL[name][0] ?? ''
    if (await machine.answers(name, url)) return { url, way: 'docker compose up --wait', stop }
    await stop()
    throw new Error(`docker compose has started ${name}, which does not serve`)
  }
  if (!machine.mayInstall()) throw new Error(`there is no ${name} for the tests: ${missing([name])}, or docker`)
  machine.install([name])
  return await started(name, machine, `installed by apt-get install ${PACKAGES[name]}, started privately`)
}

/**
 * @param {BackendName} name
 * @param {Machine} machine
 * @param {string} way
 */
async function started(name, machine, way) {
  const { url, stop } = await machine.startPrivate(name)
  return { url, way, stop }
}

async function nothing() {
  // It was there before, and stays.
}
