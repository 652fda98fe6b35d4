import { request as httpsRequest } from 'node:https'
import { connect as connectTls } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { createMemoryAdapter } from '@latchkey/adapter-memory'
import { type Client, defineClient, defineResource, generateSecret } from '@latchkey/core'
import { describe, expect, it, vi } from 'vitest'
import { sendTo } from './hosts.ts'
import { connectTo, lines, talk, untilClosed } from './raw-connection.ts'
import { startedService } from './started-service.ts'
import { kept } from './storage/modules/kept-adapter.mjs'
import { basic, FORM } from './test-server.ts'
import { CERT, KEY } from './tls-key-pair.ts'

const GRANT = 'grant_type=client_credentials'
const { secret, hash, credentialId } = generateSecret()

const READER = defineClient({
  id: 'reader',
  scopes: { read: true },
  credentials: [{ kind: 'secret', id: credentialId, hash }],
})

const tokenRequest = lines(
  'POST /oauth2/token HTTP/1.1',
  ['Host: localhost', `Content-Type: ${FORM}`, `Authorization: ${basic('reader', secret)}`],
  GRANT,
)

describe('the service', () => {
  it('is wired as its settings say', async () => {
    const { service, port } = await startedService(
      { LATCHKEY_ACCESS_TOKEN_TTL: '60', LATCHKEY_DEFAULT_AUDIENCE: 'https://api.example.com' },
      { prepare: async ({ clients }) => void (await clients.add(READER)) },
    )
    const headers = { 'content-type': FORM, authorization: basic('reader', secret) }
    const { body } = await sendTo(port, { path: '/oauth2/token', body: GRANT, headers })
    const { access_token, expires_in } = JSON.parse(body) as { access_token: string; expires_in: number }
    expect(expires_in).toBe(60)
    const introspection = await sendTo(port, { path: '/oauth2/introspect', body: `token=${access_token}`, headers })
    expect(JSON.parse(introspection.body)).toMatchObject({ active: true, aud: 'https://api.example.com' })
    await service.close()
  })

  it.each([
    ['names its resources in the metadata', {}, ['https://sales.example.com']],
    ['names none where it shall not', { LATCHKEY_ADVERTISE_RESOURCES: 'false' }, undefined],
  ])('%s', async (_, settings, named) => {
    const { service, port } = await startedService(settings, {
      async prepare({ resources }) {
        await resources?.add(defineResource({ identifier: 'https://sales.example.com' }))
      },
    })
    for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']) {
      const { body } = await sendTo(port, { method: 'GET', path })
      expect((JSON.parse(body) as Record<string, unknown>)['protected_resources']).toEqual(named)
    }
    await service.close()
  })

  it.each(['/health/live', '/health/ready'])('answers %s to GET and HEAD, and keeps no cache', async (path) => {
    const { service, port } = await startedService({})
    expect(await sendTo(port, { method: 'GET', path })).toMatchObject({
      status: 200,
      body: '{"status":"ok"}',
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    })
    expect((await sendTo(port, { method: 'HEAD', path })).status).toBe(200)
    expect(await sendTo(port, { path })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
    await service.close()
  })

  it('keeps the endpoints below the path of its issuer, and its health at the root', async () => {
    const { service, port } = await startedService({ LATCHKEY_ISSUER: 'http://localhost:4000/a:b/c' })
    const statusOf = async (method: string, path: string) => (await sendTo(port, { method, path })).status
    expect(await statusOf('POST', '/a:b/c/oauth2/token')).toBe(400)
    expect(await statusOf('POST', '/oauth2/token')).toBe(404)
    expect(await statusOf('POST', '/ax/c/oauth2/token')).toBe(404)
    expect(await statusOf('GET', '/.well-known/oauth-authorization-server/a:b/c')).toBe(200)
    expect(await statusOf('GET', '/a:b/c/.well-known/openid-configuration')).toBe(200)
    expect(await statusOf('GET', '/health/live')).toBe(200)
    await service.close()
  })

  it('says that it is not ready when its storage is away, and why in the log alone', async () => {
    const { service, port, logged } = await startedService({})
    const [adapter] = service.storage.adapters
    vi.spyOn(adapter as { check(): Promise<void> }, 'check').mockRejectedValue(new Error('connection refused'))
    expect(await sendTo(port, { method: 'GET', path: '/health/ready' })).toMatchObject({
      status: 503,
      body: '{"status":"unavailable"}',
    })
    expect((await sendTo(port, { method: 'GET', path: '/health/live' })).status).toBe(200)
    expect(logged.join('')).toContain('connection refused')
    await service.close()
  })

  it('logs one line for each event and none beside it', async () => {
    const { service, port, logged } = await startedService(
      {},
      { prepare: async ({ clients }) => void (await clients.add(READER)) },
    )
    const before = logged.length
    await talk(port, tokenRequest)
    await new Promise((resolve) => setImmediate(resolve))
    expect(logged.slice(before).map((line) => JSON.parse(line) as object)).toMatchObject([
      { level: 'info', event: 'token_issued', clientId: 'reader', credentialId, requestId: expect.any(String) },
    ])
    await service.close()
  })
})

describe('the clients file of the service', () => {
  const file = JSON.stringify({
    reader: { client_secret_hash: hash },
    chosen: { client_secret: 'needle needle needle', scope: 'read' },
  })
  const readFile = () => file
  const LASTING = fileURLToPath(new URL('./storage/modules/kept-adapter.mjs', import.meta.url))

  const eventsOf = (logged: readonly string[]) =>
    logged.map((line) => JSON.parse(line) as { event: string }).filter(({ event }) => event !== 'started')

  it('is told of when it changes what lasts, member by member and without a value', async () => {
    const { forgetful: _, ...lasting } = createMemoryAdapter()
    kept.set('kept:clients-file', lasting)
    const settings = { LATCHKEY_STORAGE: `${LASTING}#kept:clients-file`, LATCHKEY_CLIENTS_FILE: 'c.json' }
    const first = await startedService(settings, { readFile })
    await first.service.storage.clients.replace(
      { ...((await first.service.storage.clients.find('chosen')) as Client), scopes: [] },
      1,
    )
    await first.service.close()
    const second = await startedService(settings, { readFile })
    await second.service.close()
    expect(eventsOf(first.logged)).toMatchObject([
      { event: 'client_of_file', clientId: 'reader', change: 'added' },
      { event: 'client_of_file', clientId: 'chosen', change: 'added' },
    ])
    expect(eventsOf(second.logged)).toMatchObject([
      { event: 'client_of_file', clientId: 'chosen', change: 'changed', members: ['scopes'] },
    ])
    kept.delete('kept:clients-file')
    expect([...first.logged, ...second.logged].join('')).not.toMatch(/needle|scrypt/)
  })

  it('is told of when it changes a resource that lasts', async () => {
    const { forgetful: _, ...lasting } = createMemoryAdapter()
    kept.set('kept:resources-file', lasting)
    const settings = { LATCHKEY_STORAGE: `${LASTING}#kept:resources-file`, LATCHKEY_CLIENTS_FILE: 'c.json' }
    const start = async (metadata: object) => {
      const content = JSON.stringify({ clients: {}, resources: { 'urn:example:a': metadata } })
      const { service, logged } = await startedService(settings, { readFile: () => content })
      await service.close()
      return eventsOf(logged)
    }
    const told = { event: 'resource_of_file', resource: 'urn:example:a' }
    expect(await start({ scopes: ['read'] })).toMatchObject([{ ...told, change: 'added' }])
    expect(await start({ scopes: ['read'] })).toEqual([])
    expect(await start({ access_token_ttl: 60 })).toMatchObject([
      { ...told, change: 'changed', members: ['scopes', 'accessTokenLifetimeSeconds'] },
    ])
    kept.delete('kept:resources-file')
  })

  it('is not told of in memory, where every start begins anew', async () => {
    const { service, logged } = await startedService({ LATCHKEY_CLIENTS_FILE: 'c.json' }, { readFile })
    await service.close()
    expect(logged).toEqual([])
  })

  it('is warned of where it has secrets that the server refuses', async () => {
    const settings = { LATCHKEY_CLIENTS_FILE: 'c.json', LATCHKEY_GENERATED_SECRETS_ONLY: 'true' }
    const { service, logged } = await startedService(settings, { readFile })
    await service.close()
    expect(eventsOf(logged)).toMatchObject([
      { level: 'warn', event: 'warning', msg: expect.stringMatching(/"chosen" of the clients file has one$/) },
    ])
  })
})

describe('the end of the service', () => {
  /** A service whose token requests wait until they are let go. */
  async function slowService() {
    const adapter = createMemoryAdapter()
    await adapter.clients.add(READER)
    let letGo = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const started = await startedService({})
    // The adapter is in use already; its method is replaced, so that the request hangs in the middle.
    const { clients } = started.service.storage
    await clients.add(READER)
    const find = clients.find.bind(clients)
    vi.spyOn(clients, 'find').mockImplementation(async (id) => {
      await gate
      return find(id)
    })
    const close = vi.spyOn(started.service.storage.adapters[0] as { close(): Promise<void> }, 'close')
    return { ...started, letGo, close }
  }

  it('is not ready, finishes what is under way, takes nothing new, and closes the adapters last', async () => {
    const { service, port, letGo, close } = await slowService()
    const under = talk(port, tokenRequest)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const closing = service.close()
    expect(await service.readiness.isReady()).toBe(false)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await expect(connectTo(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(close).not.toHaveBeenCalled()
    letGo()
    expect((await under).status).toBe(200)
    await closing
    expect(close).toHaveBeenCalledTimes(1)
  })

  it('waits for no connection on which nothing is asked', async () => {
    const { service, port } = await startedService({})
    const silent = await connectTo(port)
    const idle = await connectTo(port)
    idle.write('GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n')
    await new Promise((resolve) => idle.once('data', resolve))
    const closed = [untilClosed(silent), untilClosed(idle)]
    const begun = Date.now()
    await service.close()
    await Promise.all(closed)
    expect(Date.now() - begun).toBeLessThan(2000)
  })

  it('answers for a while what comes on open connections, each answer being their last, and is not ready', async () => {
    const { service, port } = await startedService({}, { graceMs: 1_000 })
    const socket = await connectTo(port)
    const closed = untilClosed(socket)
    socket.write('GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n')
    await new Promise((resolve) => socket.once('data', resolve))
    const closing = service.close()
    socket.write('GET /health/ready HTTP/1.1\r\nHost: h\r\n\r\n')
    const [first = '', last = ''] = (await closed).split(/(?=HTTP\/1\.1 503)/)
    expect(first).toMatch(/^HTTP\/1\.1 200/)
    expect(first).not.toMatch(/^connection: close/im)
    expect(last).toMatch(/^HTTP\/1\.1 503/)
    expect(last).toMatch(/^connection: close/im)
    expect((await talk(port, tokenRequest)).status).toBe(401)
    await closing
    await expect(connectTo(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('waits for no backend that never answers', async () => {
    const { service, port } = await startedService(
      {},
      { prepare: async ({ clients }) => void (await clients.add(READER)) },
    )
    const { credentialUses, adapters } = service.storage
    const never = () => new Promise<never>(() => undefined)
    vi.spyOn(credentialUses as NonNullable<typeof credentialUses>, 'record').mockImplementation(never)
    const close = vi.spyOn(adapters[0] as { close(): Promise<void> }, 'close').mockImplementation(never)
    expect((await talk(port, tokenRequest)).status).toBe(200)
    await expect(service.close()).rejects.toThrow('LATCHKEY_STORAGE: it was not closed within 5000 ms')
    expect(close).toHaveBeenCalledTimes(1)
  })

  it('can be asked for twice', async () => {
    const { service } = await startedService({})
    await Promise.all([service.close(), service.close()])
  })
})

describe('TLS of its own', () => {
  const TLS = { LATCHKEY_TLS_CERT: CERT, LATCHKEY_TLS_KEY: KEY, LATCHKEY_ISSUER: 'https://localhost:4000' }

  it('serves the https issuer itself', async () => {
    const { service, port } = await startedService(TLS)
    const status = await new Promise((resolve, reject) => {
      const path = '/.well-known/oauth-authorization-server'
      httpsRequest({ port, host: '127.0.0.1', servername: 'localhost', ca: CERT, path, agent: false }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
    expect(status).toBe(200)
    expect(service.address).toMatch(/^https:/)
    await service.close()
  })

  it('speaks no version below 1.2', async () => {
    const { service, port } = await startedService(TLS)
    const versionOf = (maxVersion: 'TLSv1.1' | 'TLSv1.2') =>
      new Promise((resolve) => {
        const options = { port, host: '127.0.0.1', ca: CERT, servername: 'localhost', minVersion: 'TLSv1' } as const
        const socket = connectTls({ ...options, maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' }, () => {
          resolve(socket.getProtocol())
          socket.destroy()
        }).on('error', () => resolve(undefined))
      })
    expect(await versionOf('TLSv1.1')).toBeUndefined()
    expect(await versionOf('TLSv1.2')).toBe('TLSv1.2')
    await service.close()
  })

  it('hangs up on who speaks plain HTTP', async () => {
    const { service, port, logged } = await startedService({ ...TLS, LATCHKEY_LOG_LEVEL: 'trace' })
    const socket = await connectTo(port)
    const answer = untilClosed(socket)
    socket.write('GET /?needle HTTP/1.1\r\nHost: h\r\n\r\n')
    expect(await answer).not.toContain('200')
    expect(logged.join('')).not.toContain('needle')
    await service.close()
  })
})
