import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { inflateSync } from 'node:zlib'
import { type Adapter, defineClient, type GeneratedSecret, generateSecret, type TokenId } from '@latchkey/core'
import { freshPrefix, freshSchema } from '@latchkey/test-backends'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sendTo } from '../hosts.ts'
import { buildCli } from '../process/built-cli.ts'
import { basic, FORM } from '../test-server.ts'
import { type NodeProcess, startNode, tellAtOnce } from './node-process.ts'

const ROUNDS = 20
const NOW = Math.floor(Date.now() / 1000)
const DAY = 86_400

let nodes: readonly [NodeProcess, NodeProcess]

beforeAll(async () => {
  buildCli()
  nodes = [await startNode(), await startNode()]
}, 180_000)

afterAll(async () => {
  for (const node of nodes) await node.kill()
})

/** An adapter of the test's own beside those of the two nodes. */
async function open(url: string): Promise<Adapter & Required<Pick<Adapter, 'clients' | 'tokens'>>> {
  const { openAdapter } = url.startsWith('redis')
    ? await import('@latchkey/adapter-redis')
    : await import('@latchkey/adapter-postgres')
  const adapter = await openAdapter(new URL(url))
  await adapter.migrations?.apply()
  return adapter as Adapter & Required<Pick<Adapter, 'clients' | 'tokens'>>
}

const tokenId = (): TokenId => randomBytes(32).toString('base64url') as TokenId

const form = (port: number, path: string, id: string, secret: string, body: string) =>
  sendTo(port, { path, body, headers: { 'content-type': FORM, authorization: basic(id, secret) } })

const requestToken = (port: number, id: string, secret: string) =>
  form(port, '/oauth2/token', id, secret, 'grant_type=client_credentials')

const tokenIn = ({ body }: { readonly body: string }): string =>
  (JSON.parse(body) as { access_token: string }).access_token

async function isActive(port: number, id: string, secret: string, token: string): Promise<boolean> {
  const { body } = await form(port, '/oauth2/introspect', id, secret, `token=${token}`)
  return (JSON.parse(body) as { active: boolean }).active
}

it('takes each migration once when two nodes migrate an empty Postgres at once', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const { url, remove } = freshSchema()
    const steps = await nodes[0].tell('pending', url)
    await nodes[1].tell('open', url)
    expect(steps.length).toBeGreaterThan(0)
    const taken = await tellAtOnce(nodes, 'migrate', url)
    expect(taken.flat().toSorted()).toEqual(steps.toSorted())
    expect(await nodes[0].tell('pending', url)).toEqual([])
    for (const node of nodes) await node.tell('close', url)
    await remove()
  }
})

it('forgets what has expired once, and nothing else, when two nodes sweep a Postgres at once', async () => {
  const { url: bare, remove } = freshSchema()
  // Only the sweeps of the test.
  const url = `${bare}&sweep_interval=0`
  const { tokens, close } = await open(url)
  const of = (expiresAt: number) => ({
    id: tokenId(),
    clientId: 'reader',
    subject: 'reader',
    scopes: [],
    audience: ['https://api.example.com'],
    issuedAt: NOW - 3 * DAY,
    expiresAt,
  })
  const kept = Array.from({ length: 100 }, () => of(NOW + DAY))
  await Promise.all(kept.map((record) => tokens.save(record)))
  for (const node of nodes) await node.tell('open', url)
  for (let round = 0; round < ROUNDS; round++) {
    const expired = Array.from({ length: 300 }, () => of(NOW - 2 * DAY))
    await Promise.all(expired.map((record) => tokens.save(record)))
    const swept = await tellAtOnce(nodes, 'sweep', { url, now: NOW })
    // A step of one node may skip rows that a step of the other holds: those are the other's.
    expect((swept[0] ?? 0) + (swept[1] ?? 0)).toBe(expired.length)
    expect(await Promise.all(expired.map(({ id }) => tokens.find(id)))).toEqual(expired.map(() => undefined))
    expect(await Promise.all(kept.map(({ id }) => tokens.find(id)))).toEqual(kept)
  }
  for (const node of nodes) await node.tell('close', url)
  await close()
  await remove()
})

it('leaves sweeping to Redis: two nodes have nothing to do', async () => {
  const { url, remove } = freshPrefix()
  expect(await tellAtOnce(nodes, 'sweep', { url, now: NOW })).toEqual([undefined, undefined])
  for (const node of nodes) await node.tell('close', url)
  await remove()
})

describe.each([
  ['Postgres', freshSchema],
  ['Redis', freshPrefix],
])('two nodes on %s', (name, fresh) => {
  it('publish on one node what was revoked on the other, within the ttl of the list', async () => {
    const { url, remove } = fresh()
    const { clients, close } = await open(url)
    const { secret, credentialId, hash } = generateSecret()
    await clients.add(
      defineClient({ id: 'reader', scopes: { read: true }, credentials: [{ kind: 'secret', id: credentialId, hash }] }),
    )
    const ttl = 4
    const ports = await tellAtOnce(nodes, 'serve', {
      LATCHKEY_STORAGE: url,
      LATCHKEY_MASTER_KEY: randomBytes(32).toString('base64url'),
      LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt',
      LATCHKEY_STATUS_LIST: 'true',
      LATCHKEY_STATUS_LIST_TTL: String(ttl),
    })
    const payloadOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())
    const isListed = async (port: number, token: string): Promise<boolean> => {
      const { idx, uri } = payloadOf(token).status.status_list as { readonly idx: number; readonly uri: string }
      const { body } = await sendTo(port, { method: 'GET', path: new URL(uri).pathname })
      const bits = inflateSync(Buffer.from(payloadOf(body).status_list.lst as string, 'base64url'))
      return (((bits[idx >> 3] ?? 0) >> (idx & 7)) & 1) === 1
    }
    for (let round = 0; round < 3; round++) {
      const [here, there] = round % 2 === 0 ? ports : ([ports[1], ports[0]] as const)
      const token = tokenIn(await requestToken(here, 'reader', secret))
      const kept = tokenIn(await requestToken(there, 'reader', secret))
      // Both nodes have the list of before.
      expect([await isListed(here, token), await isListed(there, token)]).toEqual([false, false])
      const revokedAt = performance.now()
      expect((await form(here, '/oauth2/revoke', 'reader', secret, `token=${token}`)).status).toBe(200)
      while (!(await isListed(there, token)) && performance.now() - revokedAt < 10_000) await pause(50)
      expect(performance.now() - revokedAt).toBeLessThan(ttl * 1000)
      expect(await isListed(there, kept)).toBe(false)
    }
    for (const node of nodes) await node.tell('endService', undefined)
    await close()
    await remove()
  })

  it('let each key through once, when both claim it at once', async () => {
    const { url, remove } = fresh()
    await (await open(url)).close()
    for (const node of nodes) await node.tell('open', url)
    for (let round = 0; round < ROUNDS; round++) {
      const keys = Array.from({ length: 50 }, (_, index) => `${round}-${index}`)
      const [one, other] = await tellAtOnce(nodes, 'claim', { url, keys, expiresAt: NOW + DAY })
      expect(keys.map((_, index) => Number(one[index]) + Number(other[index]))).toEqual(keys.map(() => 1))
    }
    for (const node of nodes) await node.tell('close', url)
    await remove()
  })

  it('serve the clients of the same file, when both start with it at once', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'latchkey-clients-file-'))
    const file = join(directory, 'clients.json')
    const generated = generateSecret()
    const write = (clients: Readonly<Record<string, string>>): void => {
      const members = Object.entries(clients).map(([id, secret]) => [id, { client_secret: secret, scope: 'read' }])
      writeFileSync(file, JSON.stringify(Object.fromEntries(members)))
    }
    for (let round = 0; round < ROUNDS; round++) {
      const clients = {
        one: generated.secret,
        two: generated.secret,
        // A slow key derivation at each start, and at each request: some rounds of it are enough.
        ...(round % 10 < 2 && { chosen: 'TopSecretClientSecret' }),
      }
      write(clients)
      const { url, remove } = fresh()
      const { clients: registry, close } = await open(url)
      // Every other round they come to clients that are there already, and otherwise.
      if (round % 2 === 1) {
        for (const id of Object.keys(clients)) await registry.add(defineClient({ id, scopes: { old: true } }))
      }
      const ports = await tellAtOnce(nodes, 'serve', { LATCHKEY_STORAGE: url, LATCHKEY_CLIENTS_FILE: file })
      for (const [id, secret] of Object.entries(clients)) {
        const answers = await Promise.all(ports.map((port) => requestToken(port, id, secret)))
        expect(answers.map(({ status, body }) => [status, JSON.parse(body)])).toMatchObject([
          [200, { scope: 'read' }],
          [200, { scope: 'read' }],
        ])
        // Each knows the tokens of the other.
        const [one = '', other = ''] = answers.map(tokenIn)
        expect(await isActive(ports[1], id, secret, one)).toBe(true)
        expect(await isActive(ports[0], id, secret, other)).toBe(true)
      }
      for (const node of nodes) await node.tell('endService', undefined)
      await close()
      await remove()
    }
    rmSync(directory, { recursive: true })
  })

  it('see within a moment that a client which they know was disabled on the other one', async ({ task }) => {
    const { url, remove } = fresh()
    const { clients, close } = await open(url)
    const ports = await tellAtOnce(nodes, 'serve', { LATCHKEY_STORAGE: url, LATCHKEY_CLIENT_CACHE_TTL: '60' })
    const took: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const id = `client-${round}`
      const generated: GeneratedSecret = generateSecret()
      const { secret, credentialId, hash } = generated
      await clients.add(
        defineClient({ id, scopes: { read: true }, credentials: [{ kind: 'secret', id: credentialId, hash }] }),
      )
      const observer = generateSecret()
      await clients.add(
        defineClient({
          id: `observer-${round}`,
          introspect: 'any',
          credentials: [{ kind: 'secret', id: observer.credentialId, hash: observer.hash }],
        }),
      )
      const seesActive = (port: number, token: string) => isActive(port, `observer-${round}`, observer.secret, token)
      const there = round % 2 === 0 ? ports[0] : ports[1]
      const token = tokenIn(await requestToken(there, id, secret))
      expect(await seesActive(there, token)).toBe(true)

      expect(await nodes[round % 2 === 0 ? 1 : 0].tell('disable', { url, id })).toBe(true)
      const disabledAt = performance.now()
      await expect.poll(async () => (await requestToken(there, id, secret)).status, PATIENCE).toBe(401)
      await expect.poll(() => seesActive(there, token), PATIENCE).toBe(false)
      took.push(performance.now() - disabledAt)
    }
    const counted = `${name}: a client that was disabled on another node was refused after ${Math.ceil(Math.max(...took))} ms at most, in ${ROUNDS} rounds`
    console.log(counted)
    Object.assign(task.meta, { counted })
    for (const node of nodes) {
      await node.tell('endService', undefined)
      await node.tell('close', url)
    }
    await close()
    await remove()
  })
})

/** A notice takes milliseconds, on a busy machine more. Without it a node would believe for a minute what it knows. */
const PATIENCE = { timeout: 10_000, interval: 10 }
