import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  startFaultProxy,
  startPostgres,
  startRedis,
  startRedisCluster,
  startRedisSentinel,
} from '@latchkey/test-backends'
import { Cluster, Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const PATIENCE = 60_000

/** Resolves once it holds, however busy the machine is. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it never came to this')
    await sleep(20)
  }
}

async function rows(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

describe('a private Postgres', () => {
  it('takes settings, keeps what it acknowledged over a kill, and leaves nothing behind', async () => {
    const server = await startPostgres({ settings: { fsync: 'on', max_connections: '7' } })
    try {
      expect(await rows(server.url, 'SHOW max_connections')).toEqual([{ max_connections: '7' }])
      expect(await rows(server.url, 'SHOW fsync')).toEqual([{ fsync: 'on' }])
      if (process.getuid?.() === 0) expect(statSync(server.dataDir).uid).not.toBe(0)
      const idle = new pg.Client({ connectionString: server.url })
      const lost = new Promise<void>((resolve) => idle.on('error', () => resolve()))
      await idle.connect()
      await rows(server.url, 'CREATE TABLE kept AS SELECT 1 AS it')

      await server.kill()
      await lost
      await expect(rows(server.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED')

      await server.start()
      expect(await rows(server.url, 'SELECT it FROM kept')).toEqual([{ it: 1 }])
    } finally {
      await server.stop()
    }
    expect(existsSync(dirname(server.dataDir))).toBe(false)
    await expect(rows(server.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED')
  })

  it('tells why it does not start', async () => {
    await expect(startPostgres({ settings: { max_connections: 'many' } })).rejects.toThrow(
      'invalid value for parameter "max_connections"',
    )
  })
})

describe('a private Redis', () => {
  const connect = (port: number, options = {}) => {
    const redis = new Redis({ port, host: '127.0.0.1', retryStrategy: null, ...options })
    redis.on('error', () => undefined)
    return redis
  }

  it('keeps what it acknowledged over a kill when it appends always, and leaves nothing behind', async () => {
    const server = await startRedis({ config: { appendonly: 'yes', appendfsync: 'always', maxmemory: '50mb' } })
    try {
      const before = connect(server.port)
      expect(await before.config('GET', 'maxmemory')).toEqual(['maxmemory', String(50 * 1024 * 1024)])
      await before.set('kept', 'it')
      const lost = new Promise<void>((resolve) => before.on('end', () => resolve()))
      await server.kill()
      await lost
      await server.start()
      const after = connect(server.port)
      expect(await after.get('kept')).toBe('it')
      after.disconnect()
    } finally {
      await server.stop()
    }
  })

  it('takes users with fewer rights', async () => {
    const server = await startRedis({ acl: ['user default on >whole ~* &* +@all', 'user app on >part ~app:* +get'] })
    try {
      const app = connect(server.port, { username: 'app', password: 'part' })
      expect(await app.get('app:1')).toBeNull()
      await expect(app.set('app:1', 'x')).rejects.toThrow('NOPERM')
      app.disconnect()
    } finally {
      await server.stop()
    }
  })

  it('tells why it does not start', async () => {
    await expect(startRedis({ config: { maxmemory: 'plenty' } })).rejects.toThrow('argument must be a memory value')
  })
})

describe('a private Redis Cluster', () => {
  it('serves every slot from six nodes, of which each can be ended', async () => {
    const servers = await startRedisCluster()
    try {
      const cluster = new Cluster(servers.nodes.map(({ port }) => ({ host: '127.0.0.1', port })))
      cluster.on('error', () => undefined)
      await Promise.all(Array.from({ length: 100 }, (_, index) => cluster.set(`key-${index}`, index)))
      expect(cluster.nodes('master')).toHaveLength(3)
      expect(cluster.nodes('slave')).toHaveLength(3)
      const sizes = await Promise.all(cluster.nodes('master').map((node) => node.dbsize()))
      expect(sizes.reduce((sum, size) => sum + size)).toBe(100)
      expect(sizes.every((size) => size > 0)).toBe(true)
      cluster.disconnect()

      await servers.nodes[0]?.kill()
      const left = new Redis(servers.nodes[1]?.port ?? 0)
      await until(async () => String(await left.cluster('INFO')).includes('cluster_state:ok'))
      await until(async () => / master,fail /.test(String(await left.cluster('NODES')).replaceAll('myself,', '')))
      left.disconnect()
    } finally {
      await servers.stop()
    }
  })
})

describe('private Sentinels', () => {
  it('make the replica a master when the master is ended', async () => {
    const servers = await startRedisSentinel()
    try {
      const redis = new Redis({
        name: servers.name,
        sentinels: servers.sentinels.map(({ port }) => ({ host: '127.0.0.1', port })),
        maxRetriesPerRequest: null,
      })
      redis.on('error', () => undefined)
      await redis.set('a', 'b')
      expect(await redis.wait(1, PATIENCE)).toBe(1)
      await servers.master.kill()
      const promoted = new Redis(servers.replica.port)
      await until(async () => (await promoted.info('replication')).includes('role:master'))
      expect(await redis.get('a')).toBe('b')
      promoted.disconnect()
      redis.disconnect()
    } finally {
      await servers.stop()
    }
  })
})

describe('a network that fails on demand', () => {
  const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket))
  let to: number

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
    to = (server.address() as { port: number }).port
  })
  afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())))

  /** A connection, what came back on it, and how it ended. */
  async function connection(port: number) {
    const socket: Socket = createConnection({ port, host: '127.0.0.1' })
    const seen = { text: '', ended: false }
    socket.on('data', (chunk) => (seen.text += String(chunk)))
    socket.on('error', () => undefined)
    socket.on('close', () => (seen.ended = true))
    await new Promise<void>((resolve) => socket.once('connect', resolve).once('close', () => resolve()))
    return { socket, seen }
  }

  it('passes on, delays, cuts, swallows, refuses and heals', async () => {
    const proxy = await startFaultProxy({ to })
    const first = await connection(proxy.port)
    first.socket.write('one')
    await until(() => first.seen.text === 'one')
    await until(() => proxy.connections === 1)

    proxy.delay(100)
    const sent = Date.now()
    first.socket.write('two')
    await until(() => first.seen.text === 'onetwo')
    expect(Date.now() - sent).toBeGreaterThanOrEqual(195)

    proxy.cut()
    await until(() => first.seen.ended)
    const second = await connection(proxy.port)
    proxy.heal()
    second.socket.write('three')
    await until(() => second.seen.text === 'three')

    proxy.swallow()
    second.socket.write('four')
    const third = await connection(proxy.port)
    third.socket.write('five')
    await sleep(100)
    expect([second.seen, third.seen]).toEqual([
      { text: 'three', ended: false },
      { text: '', ended: false },
    ])

    proxy.refuse()
    await until(() => second.seen.ended && third.seen.ended)
    const fourth = await connection(proxy.port)
    await until(() => fourth.seen.ended)

    proxy.heal()
    const fifth = await connection(proxy.port)
    fifth.socket.write('six')
    await until(() => fifth.seen.text === 'six')

    await proxy.stop()
    await until(() => fifth.seen.ended)
    const last = await connection(proxy.port)
    await until(() => last.seen.ended)
  })
})

describe('what was started for the tests', () => {
  const program = `
    import { startPostgres, startRedis } from ${JSON.stringify(fileURLToPath(new URL('../src/index.mjs', import.meta.url)))}
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    console.log(JSON.stringify({ dataDir: postgres.dataDir, ports: [postgres.port, redis.port] }))
    if (process.argv[1] === 'throw') throw new Error('a test failed')
    if (process.argv[1] === 'wait') setInterval(() => undefined, 1000)`

  it.each([
    ['ends by itself', 'end', undefined],
    ['fails', 'throw', undefined],
    ['is terminated', 'wait', 'SIGTERM'],
    ['is killed', 'wait', 'SIGKILL'],
  ] as const)('is gone when the process %s', async (_title, how, signal) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program, how], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const line = await new Promise<string>((resolve) => child.stdout.once('data', (chunk) => resolve(String(chunk))))
    const { dataDir, ports } = JSON.parse(line) as { dataDir: string; ports: number[] }
    if (signal !== undefined) child.kill(signal)
    await until(() => child.exitCode !== null || child.signalCode !== null)
    await until(() => !existsSync(dirname(dataDir)))
    for (const port of ports)
      await until(
        () =>
          new Promise((resolve) => {
            const socket = createConnection({ port, host: '127.0.0.1' })
            socket.on('connect', () => socket.destroy()).on('error', () => resolve(true))
            socket.on('close', (failed) => !failed && resolve(false))
          }),
      )
    const servers = execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })
    expect(servers).not.toContain(dirname(dataDir))
    expect(readdirSync(tmpdir())).not.toContain(dirname(dataDir))
  })
})
