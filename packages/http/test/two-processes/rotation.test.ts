import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { openAdapter } from '@latchkey/adapter-postgres'
import { type Adapter, defineClient, generateSecret, type SigningKeyRecord } from '@latchkey/core'
import { freshSchema } from '@latchkey/test-backends'
import { createRemoteJWKSet, customFetch, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sendTo } from '../hosts.ts'
import { buildCli } from '../process/built-cli.ts'
import { basic, FORM, ISSUER } from '../test-server.ts'
import { type NodeProcess, startNode, tellAtOnce } from './node-process.ts'

/** A minute of them. */
const ROTATIONS = 60

/** The clocks agree; what a busy machine is late by is what their skew leaves room for. */
const SCHEDULE = {
  rotateEverySeconds: 1,
  publishedForSeconds: 2,
  refreshSeconds: 1,
  clockSkewSeconds: 7,
  longestTokenSeconds: 20,
}

/** The ports that the test itself asks. */
type Used = 'clients' | 'keys' | 'migrations'

/** Requests under way at once. */
const WORKERS = 4

let nodes: readonly [NodeProcess, NodeProcess]
const place = freshSchema()

beforeAll(async () => {
  buildCli()
  nodes = [await startNode(), await startNode()]
}, 180_000)

afterAll(async () => {
  for (const node of nodes) await node.kill()
  await place.remove()
})

/** What an API that keeps the published keys as long as it may, and asks for them at no other time, makes of tokens. */
function cachingVerifier(ports: readonly number[]) {
  let asked = 0
  const keys = createRemoteJWKSet(new URL('http://localhost/.well-known/jwks.json'), {
    cacheMaxAge: SCHEDULE.publishedForSeconds * 1000,
    // An unknown key is no reason to ask.
    cooldownDuration: Number.POSITIVE_INFINITY,
    timeoutDuration: 60_000,
    // Now one node answers, and then the other, as behind a load balancer.
    [customFetch]: (_url, options) => fetch(jwksOf(ports[asked++ % ports.length] ?? 0), options),
  })
  const rules = { issuer: ISSUER, audience: ISSUER, typ: 'at+jwt', clockTolerance: SCHEDULE.clockSkewSeconds }
  return { verify: (token: string) => jwtVerify(token, keys, rules), asked: () => asked }
}

const jwksOf = (port: number): string => `http://127.0.0.1:${port}/.well-known/jwks.json`

/** What was published where, and what the store said, at every look. */
function observer(ports: readonly number[], list: () => Promise<readonly SigningKeyRecord[]>) {
  const records = new Map<string, SigningKeyRecord>()
  /** Of each node, when it was seen first to publish a key, in milliseconds. */
  const published = ports.map(() => new Map<string, number>())
  async function look(): Promise<void> {
    for (const record of await list()) records.set(record.kid, record)
    for (const [node, port] of ports.entries()) {
      const response = await fetch(jwksOf(port))
      expect(response.headers.get('cache-control')).toBe(`public, max-age=${SCHEDULE.publishedForSeconds}`)
      const { keys } = (await response.json()) as { readonly keys: readonly { readonly kid: string }[] }
      for (const { kid } of keys) if (!published[node]?.has(kid)) published[node]?.set(kid, Date.now())
    }
  }
  return { records, published, look }
}

it('refuses no token while two nodes rotate the keys every second under load', async ({ task }) => {
  const adapter = (await openAdapter(new URL(place.url))) as Adapter & Required<Pick<Adapter, Used>>
  await adapter.migrations.apply()
  const { secret, credentialId, hash } = generateSecret()
  await adapter.clients.add(
    defineClient({ id: 'load', scopes: { read: true }, credentials: [{ kind: 'secret', id: credentialId, hash }] }),
  )
  const lifetime = SCHEDULE.longestTokenSeconds
  const masterKey = randomBytes(32).toString('base64url')
  for (const node of nodes) await node.tell('open', place.url)
  const ports = await tellAtOnce(nodes, 'serveRotating', { url: place.url, masterKey, schedule: SCHEDULE, lifetime })
  const storedKeys = async () => (await adapter.keys.list()).keys
  // Both have found none; one was made that signs at once, and one that is announced.
  expect((await storedKeys()).filter(({ createdAt, signsFrom }) => signsFrom <= createdAt)).toHaveLength(1)

  const { verify, asked } = cachingVerifier(ports)
  const { records, published, look } = observer(ports, storedKeys)
  const refused: unknown[] = []
  const check = async (token: string): Promise<void> => {
    await verify(token).catch((error: unknown) => refused.push([decodeProtectedHeader(token), String(error)]))
  }
  /** The keys that signed in each second. */
  const signed = new Map<number, Set<string>>()
  const used = new Set<string>()
  const kept: { readonly token: string; readonly until: number }[] = []
  let count = 0
  let ended = false
  const until = async (work: () => Promise<void>, pause: number): Promise<void> => {
    try {
      while (!ended) {
        await work()
        await delay(pause)
      }
    } finally {
      ended = true
    }
  }
  const request = async (): Promise<void> => {
    const headers = { 'content-type': FORM, authorization: basic('load', secret) }
    const port = ports[count++ % ports.length] ?? 0
    const answer = await sendTo(port, { path: '/oauth2/token', body: 'grant_type=client_credentials', headers })
    expect(answer.status).toBe(200)
    const { access_token: token } = JSON.parse(answer.body) as { readonly access_token: string }
    const { kid = '' } = decodeProtectedHeader(token)
    const { iat = 0 } = decodeJwt(token)
    signed.set(iat, (signed.get(iat) ?? new Set()).add(kid))
    used.add(kid)
    await check(token)
    kept.push({ token, until: Date.now() + (lifetime / 2) * 1000 })
    if (used.size > ROTATIONS || refused.length > 0) ended = true
  }
  /** Half its life later, when the key that signed a token has long retired. */
  const checkAgain = async (): Promise<void> => {
    while ((kept[0]?.until ?? Number.POSITIVE_INFINITY) <= Date.now()) await check(kept.shift()?.token ?? '')
  }
  await look()
  await Promise.all([
    until(look, 200),
    until(checkAgain, 50),
    ...Array.from({ length: WORKERS }, () => until(request, 10)),
  ])
  for (const { token } of kept) await check(token)
  const histories = await Promise.all(nodes.map((node) => node.tell('endRotating', undefined)))
  const left = await storedKeys()
  for (const record of left) records.set(record.kid, record)

  expect(refused).toEqual([])
  expect(histories.flatMap(({ complaints }) => complaints)).toEqual([])
  // In no second did two keys sign, on whichever node, and each was the one whose turn it was.
  const ordered = [...records.values()].sort((a, b) => a.signsFrom - b.signsFrom)
  const turns = [...signed.keys()].map((second) => [second, ordered.findLast((key) => key.signsFrom <= second)?.kid])
  expect([...signed].map(([second, kids]) => [second, ...kids])).toEqual(turns)
  expect(new Set(ordered.map((key) => key.signsFrom)).size).toBe(ordered.length)
  // Before it signed, every key but the first was published on both nodes for as long as a cache keeps the ones before it.
  const leads = ordered
    .slice(1)
    .filter(({ kid }) => used.has(kid))
    .flatMap(({ kid, signsFrom }) =>
      published.map((seen) => signsFrom - (seen.get(kid) ?? Number.POSITIVE_INFINITY) / 1000),
    )
  const shortest = Math.min(...leads)
  expect(leads).toHaveLength(2 * (used.size - 1))
  expect(shortest).toBeGreaterThanOrEqual(SCHEDULE.publishedForSeconds)
  // The first ones are gone, and were not needed any more.
  expect(left.map(({ kid }) => kid)).not.toContain(ordered[0]?.kid)
  expect(histories.reduce((sum, { made }) => sum + made, 0)).toBe(ordered.length)

  const counted = `${count} tokens of ${used.size} keys in ${signed.size} s, each verified twice: none refused; the keys were asked for ${asked()} times, each was published ${shortest.toFixed(1)} s or more before it signed; the nodes made ${histories.map(({ made }) => made).join(' and ')} of them, ${left.length} were left`
  console.log(counted)
  Object.assign(task.meta, { counted })
  for (const node of nodes) await node.tell('close', place.url)
  await adapter.close()
})
