import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { freePort } from '../free-port.mjs'

/** Nobody's: Postgres refuses to run as root. */
const NOBODY = 65534

/** What an operator would set on a machine of this size; everything that makes a commit durable stays as it is shipped. */
const SETTINGS = {
  shared_buffers: '1GB',
  max_wal_size: '4GB',
  max_connections: '100',
  listen_addresses: '127.0.0.1',
}

/** The folder of the newest Postgres on this machine. */
function binaries() {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...versions.map((version) => join(debian, version, 'bin')), ...process.env.PATH.split(delimiter)]
  const found = folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
  if (found === undefined) throw new Error('there is no Postgres on this machine: install the package postgresql')
  return found
}

/**
 * Starts a Postgres of our own in a folder of its own, durable as it is shipped: what is measured on it disturbs nobody,
 * and nobody's settings change the figures.
 */
export async function startPostgres({ settings = {} } = {}) {
  const bin = binaries()
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-bench-postgres-'))
  const data = join(directory, 'data')
  const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  if (asNobody.uid !== undefined) chownSync(directory, NOBODY, NOBODY)
  const port = await freePort()
  execFileSync(join(bin, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C.UTF-8'], {
    ...asNobody,
    cwd: directory,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const flags = Object.entries({ ...SETTINGS, ...settings, port, unix_socket_directories: directory }).flatMap(
    ([name, value]) => ['-c', `${name}=${value}`],
  )
  const child = spawn(join(bin, 'postgres'), ['-D', data, ...flags], { ...asNobody, cwd: directory, stdio: 'ignore' })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const version = await untilItAnswers(url, child)
  return {
    url,
    version,
    cpuSeconds: () => cpuSecondsOfFamily(child.pid),
    async stop() {
      // A fast shutdown: it does not wait for clients.
      child.kill('SIGINT')
      await exited
      rmSync(directory, { recursive: true })
    },
  }
}

/** A pool whose connections may be cut: it has ended before the last of them has, and a server that stops says so to it. */
export function openPool(url, options = {}) {
  const pool = new pg.Pool({ connectionString: url, ...options })
  let ending = false
  pool.on('error', (error) => {
    if (!ending) throw error
  })
  return {
    query: (...query) => pool.query(...query),
    connect: () => pool.connect(),
    end() {
      ending = true
      return pool.end()
    },
  }
}

async function untilItAnswers(url, child) {
  for (const deadline = Date.now() + 30_000; ; await sleep(100)) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      const { rows } = await client.query('SHOW server_version')
      await client.end()
      return `Postgres ${rows[0].server_version}`
    } catch (error) {
      if (child.exitCode !== null || Date.now() > deadline) throw error
    }
  }
}

/** User and system time of a process and its children. Linux counts it in hundredths of a second. */
function cpuSecondsOfFamily(pid) {
  let ticks = 0
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const [, text] = readFileSync(`/proc/${name}/stat`, 'latin1').split(') ')
      const fields = text.split(' ')
      if (Number(name) === pid || Number(fields[1]) === pid) ticks += Number(fields[11]) + Number(fields[12])
    } catch {
      // It has ended meanwhile.
    }
  }
  return ticks / 100
}
