import { chownSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { requireBinary, unprivileged } from './binaries.mjs'
import { privateDirectory, privateServer, removeDirectory } from './private-server.mjs'

/** What nginx writes for itself; all of it stays below its folder. */
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

/**
 * @typedef {object} NginxOptions
 * @property {(directory: string) => string} servers the `server` blocks, of files in that folder
 * @property {Readonly<Record<string, string>>} files what those are
 * @property {number} port one that they listen on
 */

/**
 * An nginx of the caller's own, which ends with this process, and leaves nothing behind.
 *
 * @param {NginxOptions} options
 * @returns {Promise<{ stop: () => Promise<void>, log: () => string }>}
 */
export async function startNginx({ servers, files, port }) {
  const file = requireBinary('nginx')
  const identity = unprivileged()
  const directory = privateDirectory('nginx', identity)
  const keep = (/** @type {string} */ name, /** @type {string} */ content) => {
    const path = join(directory, name)
    writeFileSync(path, content, { mode: 0o600 })
    if ('uid' in identity) chownSync(path, identity.uid, identity.gid)
    return path
  }
  for (const [name, content] of Object.entries(files)) keep(name, content)
  const configuration = keep(
    'nginx.conf',
    [
      `daemon off;\nworker_processes 1;\nerror_log stderr;\npid ${join(directory, 'nginx.pid')};\nevents {}`,
      'http {\naccess_log off;',
      ...TEMPORARY.map((name) => `${name}_temp_path ${join(directory, name)};`),
      servers(directory),
      '}\n',
    ].join('\n'),
  )
  const server = privateServer({
    file,
    // Otherwise it writes its first words where the package would have them.
    args: ['-p', directory, '-e', 'stderr', '-c', configuration],
    directory,
    identity,
    isReady: () => accepts(port),
  })
  const stop = async () => {
    await server.kill()
    await removeDirectory(directory)
  }
  try {
    await server.start()
  } catch (error) {
    await stop()
    throw error
  }
  return { stop, log: server.log }
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function accepts(port) {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' })
    const tell = (/** @type {boolean} */ answer) => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('connect', () => tell(true))
    socket.on('error', () => tell(false))
  })
}
