import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answersRedis } from './answers.mjs'
import { requireBinary } from './binaries.mjs'
import { freePort } from './free-port.mjs'
import { privateDirectory, privateServer, removeDirectory } from './private-server.mjs'

/** Nothing is written to the disk unless a test asks for it. */
const FORGETFUL = { save: '', appendonly: 'no' }

/**
 * @typedef {object} RedisServer
 * @property {string} url
 * @property {number} port
 * @property {string} dataDir
 * @property {Readonly<Record<string, string>>} config what it was started with
 * @property {() => Promise<void>} start on the same data and port, after a kill; resolves once it answers
 * @property {() => Promise<void>} kill SIGKILL
 * @property {() => Promise<void>} stop ends it and removes everything
 *
 * @typedef {object} RedisOptions
 * @property {Readonly<Record<string, string>>} [config] directives of `redis.conf`, such as `appendonly` and `maxmemory`
 * @property {readonly string[]} [acl] lines of an ACL file, such as `user app on >secret ~* +@all`
 * @property {boolean} [sentinel] whether it is a Sentinel
 * @property {number} [port] a port that the caller has found to be free
 */

/**
 * A Redis of the caller's own, on a free port of the loopback interface, empty.
 *
 * @param {RedisOptions} [options]
 * @returns {Promise<RedisServer>}
 */
export async function startRedis({ config = {}, acl, sentinel = false, port: wished } = {}) {
  const file = requireBinary('redis')
  const directory = privateDirectory('redis')
  const port = wished ?? (await freePort())
  const all = { ...(!sentinel && FORGETFUL), ...config }
  const path = join(directory, 'redis.conf')
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${directory}`,
    ...(acl === undefined ? [] : [`aclfile ${join(directory, 'users.acl')}`]),
    ...Object.entries(all).map(([name, value]) => `${name} ${value === '' ? '""' : value}`),
  ]
  writeFileSync(path, `${lines.join('\n')}\n`)
  if (acl !== undefined) writeFileSync(join(directory, 'users.acl'), `${acl.join('\n')}\n`)
  const server = privateServer({
    file,
    args: [path, ...(sentinel ? ['--sentinel'] : [])],
    directory,
    isReady: () => answersRedis(port),
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
  const url = `redis://127.0.0.1:${port}`
  return { url, port, dataDir: directory, config: all, start: server.start, kill: server.kill, stop }
}
