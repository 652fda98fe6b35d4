import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * @typedef {'postgres' | 'redis'} BackendName
 * @typedef {BackendName | 'nginx'} ServerName
 * @typedef {{ readonly postgres: string | undefined, readonly initdb: string | undefined, readonly redis: string | undefined, readonly nginx: string | undefined }} Binaries
 */

/** The packages of Debian and Ubuntu that hold each server. */
export const PACKAGES = Object.freeze({ postgres: 'postgresql', redis: 'redis-server', nginx: 'nginx' })

/** What must be there, whatever the package is called. */
const HELD = Object.freeze({ postgres: 'postgres and initdb', redis: 'redis-server', nginx: 'nginx' })

/** Where distributions and installers put what they do not put on the path. */
const POSTGRES_ROOTS = [
  '/usr/lib/postgresql',
  '/opt/homebrew/opt',
  '/usr/local/opt',
  '/Library/PostgreSQL',
  '/usr/pgsql',
]

/** Where the servers are on this machine. */
export function findBinaries() {
  const postgres = onPath('postgres') ?? installedPostgres()
  const initdb = postgres === undefined ? undefined : join(postgres, '..', 'initdb')
  const both = initdb !== undefined && existsSync(initdb)
  return {
    postgres: both ? postgres : undefined,
    initdb: both ? initdb : undefined,
    redis: onPath('redis-server'),
    nginx: onPath('nginx'),
  }
}

/** Whether this process may install packages, and has the tool to. */
export function mayInstall() {
  return process.getuid?.() === 0 && onPath('apt-get') !== undefined
}

/**
 * Installs servers with apt-get, without starting them: private ones are started instead.
 *
 * @param {readonly ServerName[]} names
 */
export function installBinaries(names) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const packages = names.map((name) => PACKAGES[name])
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', ...packages]]) {
    const { status, stderr, error } = spawnSync('apt-get', args, { env, encoding: 'utf8' })
    if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed:\n${error?.message ?? stderr}`)
  }
}

/**
 * The path of a server that a test needs for itself: found, or installed as root on Debian and Ubuntu.
 *
 * @param {ServerName} name
 */
export function requireBinary(name) {
  const found = findBinaries()[name]
  if (found !== undefined) return found
  if (!mayInstall()) throw new Error(missing([name]))
  console.log(`apt-get installs ${PACKAGES[name]}`)
  installBinaries([name])
  const installed = findBinaries()[name]
  if (installed === undefined) throw new Error(missing([name]))
  return installed
}

/**
 * What to do when servers are nowhere.
 *
 * @param {readonly ServerName[]} names
 */
export function missing(names) {
  const packages = names.map((name) => PACKAGES[name]).join(' ')
  return `install ${packages} (on Debian and Ubuntu: apt-get install ${packages}; elsewhere the packages that hold ${names
    .map((name) => HELD[name])
    .join(', and ')})`
}

/**
 * Whom a server runs as that refuses to run as root: `undefined` for whoever runs the tests.
 *
 * @returns {{ uid: number, gid: number } | {}}
 */
export function unprivileged() {
  if (process.getuid?.() !== 0) return {}
  const idOf = (/** @type {string} */ option, /** @type {string} */ user) =>
    Number(execFileSync('id', [option, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
  for (const user of ['postgres', 'nobody']) {
    try {
      return { uid: idOf('-u', user), gid: idOf('-g', user) }
    } catch {
      // There is no such user: the next may be there.
    }
  }
  return { uid: 65534, gid: 65534 }
}

/** @param {string} name */
function onPath(name) {
  const directories = (process.env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '')
  return [...directories, '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin']
    .map((directory) => join(directory, name))
    .find(isExecutable)
}

function installedPostgres() {
  return POSTGRES_ROOTS.flatMap((root) => (existsSync(root) ? readdirSync(root).map((name) => join(root, name)) : []))
    .map((directory) => join(directory, 'bin', 'postgres'))
    .filter(isExecutable)
    .sort((a, b) => versionIn(a) - versionIn(b))
    .at(-1)
}

/** @param {string} path */
function versionIn(path) {
  return Number(/(\d+)\/bin\/postgres$/.exec(path)?.[1] ?? 0)
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
