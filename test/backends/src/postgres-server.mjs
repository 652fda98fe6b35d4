import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { answersPostgres } from './answers.mjs'
import { requireBinary, unprivileged } from './binaries.mjs'
import { freePort } from './free-port.mjs'
import { privateDirectory, privateServer, removeDirectory } from './private-server.mjs'

const run = promisify(execFile)

/**
 * What makes a test quick. None of it loses anything when the server's processes are killed: the kernel has what they
 * wrote. A test that wants the promises of a machine that loses its power sets them to `on`.
 */
const QUICK = { fsync: 'off', full_page_writes: 'off' }

/**
 * @typedef {object} PostgresServer
 * @property {string} url of the database `postgres`, as its superuser
 * @property {number} port
 * @property {string} dataDir
 * @property {Readonly<Record<string, string>>} settings what it was started with
 * @property {() => Promise<void>} start on the same data and port, after a kill; resolves once it answers
 * @property {() => Promise<void>} kill SIGKILL to the postmaster and all its children at once
 * @property {() => Promise<void>} stop ends it and removes everything
 */

/**
 * A Postgres of the caller's own, on a free port of the loopback interface, with nobody's data. Never as root.
 *
 * @param {{ readonly settings?: Readonly<Record<string, string>> }} [options] settings of `postgresql.conf`, by name
 * @returns {Promise<PostgresServer>}
 */
export async function startPostgres({ settings = {} } = {}) {
  const postgres = requireBinary('postgres')
  const identity = unprivileged()
  const directory = privateDirectory('postgres', identity)
  const dataDir = join(directory, 'data')
  const all = { ...QUICK, ...settings }
  const port = await freePort()
  const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = privateServer({
    file: postgres,
    args: ['-D', dataDir, '-p', String(port), '-k', directory, '-c', 'listen_addresses=127.0.0.1', ...args],
    directory,
    identity,
    isReady: () => answersPostgres(url),
  })
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const stop = async () => {
    await server.kill()
    await removeDirectory(directory)
  }
  try {
    // The directory that holds it belongs to whom the server runs as, who need not have a home.
    mkdirSync(join(directory, 'tmp'), { mode: 0o777 })
    const how = ['-D', dataDir, '-A', 'trust', '-U', 'postgres', '--no-sync', '-E', 'UTF8', '--locale=C']
    await run(join(dirname(postgres), 'initdb'), how, { cwd: directory, ...identity })
    await server.start()
  } catch (error) {
    await stop()
    throw error
  }
  return { url, port, dataDir, settings: all, start: server.start, kill: server.kill, stop }
}
