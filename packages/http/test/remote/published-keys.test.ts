import type { LookupAddress } from 'node:dns'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createMemoryAdapter } from '@latchkey/adapter-memory'
import { createAuthorizationServer } from '@latchkey/core'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createRemoteDocuments } from '../../src/remote/remote-documents.ts'
import { asserting, assertionOf } from '../client-assertions.ts'
import { type ClientKey, makeClientKey } from '../dpop-proofs.ts'
import { listen, sendTo } from '../hosts.ts'
import { registeredClient } from '../registered-client.ts'
import { startedService } from '../started-service.ts'
import { FORM, ISSUER } from '../test-server.ts'
import { type HostileHost, startHostileHost } from './hostile-host.ts'

/** Whatever a host does, an answer comes within three seconds. */
const IN_TIME_MS = 3000
/** Others are served at once. On a busy machine that is a while. */
const AT_ONCE_MS = 1000

const METHOD = { token_endpoint_auth_method: 'private_key_jwt', scope: 'read' }

let one: ClientKey
let two: ClientKey
beforeAll(async () => {
  one = await makeClientKey()
  two = await makeClientKey()
})

const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close()
})

const setOf = (keys: Readonly<Record<string, ClientKey>>): string =>
  JSON.stringify({ keys: Object.entries(keys).map(([kid, { jwk }]) => ({ ...jwk, kid })) })

/** What a host does, until a test has it do something else. */
interface Behaviour {
  answer: RequestListener
}

const giving =
  (text: string, cacheControl = 'max-age=300'): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': cacheControl }).end(text)
  }

async function hostThat(behaviour: Behaviour, address?: string): Promise<HostileHost> {
  const host = await startHostileHost((...exchange) => behaviour.answer(...exchange), address)
  opened.push(host.close)
  return host
}

interface Asked {
  readonly status: number
  readonly milliseconds: number
}

const asks =
  (port: number, now: () => number) =>
  async (id: string, key: ClientKey, kid?: string): Promise<Asked> => {
    const claims = { iat: now(), exp: now() + 60 }
    const body = asserting(await assertionOf(key, id, ISSUER, claims, { ...(kid !== undefined && { kid }) }))
    const begun = performance.now()
    const { status } = await sendTo(port, { path: '/oauth2/token', body, headers: { 'content-type': FORM } })
    return { status, milliseconds: performance.now() - begun }
  }

const at = (...addresses: string[]): LookupAddress[] => addresses.map((address) => ({ address, family: 4 }))

/** A service that listens, for a client whose keys the host publishes, and for one whose key is registered. */
async function serving(host: HostileHost, resolve = async () => at('127.0.0.1')) {
  const clock = { ahead: 0, now: () => Math.floor(Date.now() / 1000) + clock.ahead }
  const { clients, tokens, replays } = createMemoryAdapter()
  await clients.add(await registeredClient('published', { ...METHOD, jwks_uri: `${host.origin}/keys` }))
  await clients.add(await registeredClient('registered', { ...METHOD, jwks: { keys: [one.jwk] } }))
  const remoteDocuments = createRemoteDocuments({
    clock,
    resolve,
    extraCa: host.ca,
    dangerouslyAllowPrivateAddresses: ['127.0.0.1'],
  })
  const server = createAuthorizationServer({ issuer: ISSUER, clock, clients, tokens, replays, remoteDocuments })
  const { port, close } = await listen(server)
  opened.push(async () => {
    await close()
    await server.close()
  })
  return { clock, ask: asks(port, clock.now) }
}

describe('the keys that a host publishes', () => {
  it('change without a request that is refused: a new name is looked for once, by all who ask at a time', async () => {
    const behaviour = { answer: giving(setOf({ one })) }
    const host = await hostThat(behaviour)
    const { ask } = await serving(host)
    expect((await ask('published', one, 'one')).status).toBe(200)
    behaviour.answer = giving(setOf({ one, two }))
    const asked = Array.from({ length: 20 }, (_, index) =>
      index % 2 ? ask('published', one, 'one') : ask('published', two, 'two'),
    )
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(asked.map(() => 200))
    expect(host.requests).toHaveLength(2)
    expect((await ask('published', two, 'three')).status).toBe(401)
    expect(host.requests).toHaveLength(2)
  })

  it('are those of before while the host is down, and those that it gives when it is back', async () => {
    const behaviour = { answer: giving(setOf({ one })) }
    const host = await hostThat(behaviour)
    const { clock, ask } = await serving(host)
    expect((await ask('published', one, 'one')).status).toBe(200)
    behaviour.answer = (_request, response) => void response.socket?.destroy()
    clock.ahead += 300
    expect((await ask('published', one, 'one')).status).toBe(200)
    expect((await ask('published', two, 'two')).status).toBe(401)
    expect(host.requests).toHaveLength(2)
    behaviour.answer = giving(setOf({ two }))
    clock.ahead += 10
    expect((await ask('published', two, 'two')).status).toBe(200)
    expect((await ask('published', one, 'one')).status).toBe(401)
    behaviour.answer = (_request, response) => void response.socket?.destroy()
    clock.ahead += 6 * 3600 + 1
    expect((await ask('published', two, 'two')).status).toBe(503)
  })

  it('are fetched from no address that the name has come to have since', async () => {
    const host = await hostThat({ answer: giving(setOf({ one })) })
    const inner = await hostThat({ answer: giving(setOf({ two })) }, '127.0.0.2')
    const answers = [at('127.0.0.1'), at('127.0.0.2')]
    const { clock, ask } = await serving(host, async () => answers.shift() ?? at('169.254.169.254'))
    expect((await ask('published', one, 'one')).status).toBe(200)
    clock.ahead += 300
    expect((await ask('published', two, 'two')).status).toBe(401)
    clock.ahead += 60
    expect((await ask('published', one, 'one')).status).toBe(200)
    expect([host.connections(), inner.connections()]).toEqual([1, 0])
  })

  it('are not those to which it leads on', async () => {
    const target = await hostThat({ answer: giving(setOf({ one })) })
    const host = await hostThat({
      answer: (_request, response) => {
        response.writeHead(307, { location: `https://127.0.0.1:${target.port}/keys` }).end()
      },
    })
    const { ask } = await serving(host)
    expect((await ask('published', one, 'one')).status).toBe(401)
    expect(target.connections()).toBe(0)
  })
})

const BOMB = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20))

const endless: RequestListener = (_request, response) => {
  const more = (): void => {
    while (!response.destroyed && response.write('{"kty":"EC"},'.repeat(1024)));
    if (!response.destroyed) response.once('drain', more)
  }
  response.writeHead(200, { 'content-type': 'application/json' }).write('{"keys":[')
  more()
}

/** Each with what the client is told: that its keys are wrong, or that nobody knows. */
const HOSTILE: readonly (readonly [title: string, status: number, answer: RequestListener])[] = [
  [
    'drips',
    503,
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const drip = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(drip))
    },
  ],
  ['says nothing', 503, () => undefined],
  ['breaks off', 503, (_request, response) => void response.socket?.destroy()],
  [
    'takes almost too long each time',
    503,
    (_request, response) => void setTimeout(() => giving('{"keys":[]}')(_request, response), 1700),
  ],
  [
    'sends a gzip bomb',
    401,
    (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(BOMB)
    },
  ],
  ['sends an endless set of keys', 401, endless],
  ['sends a thousand keys', 401, giving(JSON.stringify({ keys: Array.from({ length: 1000 }, () => ({ kty: 'EC' })) }))],
  ['sends lists in lists', 401, giving(`{"keys":${'['.repeat(60_000)}${']'.repeat(60_000)}}`)],
  ['sends what is no JSON', 401, giving('<html>')],
]

describe('a host of keys that', () => {
  it.each(HOSTILE)('%s keeps its own client waiting for three seconds, and no other at all', async (...row) => {
    const [, status, answer] = row
    const host = await hostThat({ answer })
    const { ask } = await serving(host)
    // More of them than are let at a host at a time.
    const held = Array.from({ length: 12 }, () => ask('published', one, 'one'))
    const others = await Promise.all(Array.from({ length: 5 }, () => ask('registered', one)))
    for (const other of others) expect(other.status).toBe(200)
    expect(Math.max(...others.map(({ milliseconds }) => milliseconds))).toBeLessThan(AT_ONCE_MS)
    for (const { status: told, milliseconds } of await Promise.all(held)) {
      expect(told).toBe(status)
      expect(milliseconds).toBeLessThan(IN_TIME_MS)
    }
  })
})

describe('a service that is set up', () => {
  /** Its clients are in a file, and their keys on a host of this machine. */
  async function started(host: HostileHost, origin: string, settings: Readonly<Record<string, string>>) {
    const directory = mkdtempSync(join(tmpdir(), 'latchkey-published-keys-'))
    opened.push(async () => rmSync(directory, { recursive: true }))
    const [file, ca] = [join(directory, 'clients.json'), join(directory, 'ca.pem')]
    const clients = {
      published: { ...METHOD, jwks_uri: `${origin}/keys` },
      registered: { ...METHOD, jwks: { keys: [one.jwk] } },
    }
    writeFileSync(file, JSON.stringify(clients))
    writeFileSync(ca, host.ca)
    const { service, port } = await startedService({
      LATCHKEY_CLIENTS_FILE: file,
      LATCHKEY_REMOTE_CA: ca,
      LATCHKEY_LOG_LEVEL: 'silent',
      ...settings,
    })
    opened.push(() => service.close())
    return asks(port, () => Math.floor(Date.now() / 1000))
  }

  const allowed = { LATCHKEY_DANGEROUSLY_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1' }

  it('finds the keys of its clients where it is allowed to', async () => {
    const host = await hostThat({ answer: giving(setOf({ one })) })
    const ask = await started(host, `https://127.0.0.1:${host.port}`, allowed)
    expect((await ask('published', one, 'one')).status).toBe(200)
    expect((await ask('published', two, 'one')).status).toBe(401)
  })

  it('connects to no private address that a name leads to, unless it is allowed', async () => {
    const host = await hostThat({ answer: giving(setOf({ one })) })
    const ask = await started(host, `https://localhost:${host.port}`, {})
    expect((await ask('published', one, 'one')).status).toBe(503)
    expect(host.connections()).toBe(0)
  })

  it('serves a client with a registered key at once while the host of another drips', async () => {
    const dripping = HOSTILE.find(([title]) => title === 'drips')
    const host = await hostThat({ answer: dripping?.[2] ?? endless })
    const ask = await started(host, `https://127.0.0.1:${host.port}`, allowed)
    const held = ask('published', one, 'one')
    const other = await ask('registered', one)
    expect(other.status).toBe(200)
    expect(other.milliseconds).toBeLessThan(AT_ONCE_MS)
    const { status, milliseconds } = await held
    expect(status).toBe(503)
    expect(milliseconds).toBeLessThan(IN_TIME_MS)
  })
})
