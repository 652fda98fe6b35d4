import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { freePort } from '../free-port.mjs'

/** Starts a Redis of our own that has every write on the disk before it answers, as a Postgres has as it is shipped. */
export async function startRedis() {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-bench-redis-'))
  const port = await freePort()
  const flags = { bind: '127.0.0.1', port, dir: directory, save: '', appendonly: 'yes', appendfsync: 'always' }
  const child = spawn(
    'redis-server',
    Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]),
    {
      stdio: 'ignore',
    },
  )
  const failed = new Promise((_, reject) => child.once('error', reject))
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const version = await Promise.race([failed, untilItAnswers(port, child)])
  return {
    url: `redis://127.0.0.1:${port}`,
    version,
    async stop() {
      child.kill('SIGTERM')
      await exited
      rmSync(directory, { recursive: true })
    },
  }
}

async function untilItAnswers(port, child) {
  for (const deadline = Date.now() + 10_000; ; await sleep(100)) {
    const client = new Redis({ port, lazyConnect: true, retryStrategy: () => null })
    client.on('error', () => {})
    try {
      await client.connect()
      const [, version] = /^redis_version:(\S+)/m.exec(await client.info('server'))
      return `Redis ${version}, appendfsync always`
    } catch (error) {
      if (child.exitCode !== null || Date.now() > deadline) throw error
    } finally {
      client.disconnect()
    }
  }
}
