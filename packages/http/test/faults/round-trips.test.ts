import type { AddressInfo } from 'node:net'
import { createConnection, createServer } from 'node:net'
import { defineClient, defineResource, generateSecret } from '@latchkey/core'
import { startPostgres, startRedis } from '@latchkey/test-backends'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'
import { sendTo } from '../hosts.ts'
import { startedService } from '../started-service.ts'
import { basic, FORM } from '../test-server.ts'

/** So many requests, one after the other, in each window of counting. */
const REQUESTS = 20
/** What the service does by itself, such as asking whether a connection is alive, comes on top in some windows, not in all. */
const WINDOWS = 10

const { secret, credentialId, hash } = generateSecret()
const RESOURCES = ['https://sales.example.com', 'urn:example:stock']
const NAMED = RESOURCES.map((identifier) => `&resource=${identifier}`).join('')
const headers = { 'content-type': FORM, authorization: basic('reader', secret) }

const ended: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end()
})

/** A backend, and how many times it was asked something since the count began. */
interface Counted {
  readonly url: string
  begin(): Promise<void>
  count(): Promise<number>
}

/** Counts what ends a round trip in the protocol of Postgres: `Sync` and simple queries. */
async function countedPostgres(): Promise<Counted> {
  const backend = await startPostgres()
  ended.push(() => backend.stop())
  let asked = 0
  const server = createServer((inner) => {
    const outer = createConnection({ port: backend.port, host: '127.0.0.1' })
    let rest = Buffer.alloc(0)
    let hasBegun = false
    inner.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk])
      for (;;) {
        // The first message has no type.
        const typeBytes = hasBegun ? 1 : 0
        if (rest.length < typeBytes + 4) break
        const length = typeBytes + rest.readInt32BE(typeBytes)
        if (rest.length < length) break
        if (hasBegun && 'SQ'.includes(String.fromCharCode(rest[0] ?? 0))) asked += 1
        hasBegun = true
        rest = rest.subarray(length)
      }
      outer.write(chunk)
    })
    outer.on('data', (chunk) => inner.write(chunk))
    for (const [one, other] of [
      [inner, outer],
      [outer, inner],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ended.push(async () => void server.close())
  const url = new URL(backend.url)
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    async begin() {
      asked = 0
    },
    count: async () => asked,
  }
}

/** Counts the commands that the server sees clients send: what a script runs is no question of theirs. */
async function countedRedis(): Promise<Counted> {
  const backend = await startRedis()
  ended.push(() => backend.stop())
  const redis = new Redis(backend.url)
  ended.push(() => redis.quit())
  const monitor = await redis.monitor()
  ended.push(async () => monitor.disconnect())
  let asked = 0
  let marked: () => void = () => undefined
  monitor.on('monitor', (_time: string, [command = '']: readonly string[], source: string) => {
    if (command.toLowerCase() === 'echo') marked()
    else if (source !== 'lua') asked += 1
  })
  /** Until the monitor has told of all that was sent before. */
  const upToNow = () =>
    new Promise<void>((resolve, reject) => {
      marked = resolve
      redis.echo('up to now').catch(reject)
    })
  return {
    url: backend.url,
    async begin() {
      await upToNow()
      asked = 0
    },
    async count() {
      await upToNow()
      return asked
    },
  }
}

describe.each([
  ['Postgres', countedPostgres],
  ['Redis', countedRedis],
] as const)('with a warm cache of clients and resources, %s', (_, startCounted) => {
  it('is asked once to issue an opaque token, for resources or not, and once to introspect it', async () => {
    const backend = await startCounted()
    const { service, port } = await startedService(
      // Longer than the test, so that the cache stays warm.
      { LATCHKEY_STORAGE: backend.url, LATCHKEY_AUTO_MIGRATE: 'true', LATCHKEY_CLIENT_CACHE_TTL: '3600' },
      {
        async prepare({ clients, resources }) {
          for (const identifier of RESOURCES)
            await resources?.add(defineResource({ identifier, scopes: ['read', 'write'] }))
          const credentials = [{ kind: 'secret', id: credentialId, hash } as const]
          const scopes = { read: true, write: true }
          await clients.add(defineClient({ id: 'reader', scopes, credentials, resources: RESOURCES }))
        },
      },
    )
    ended.push(() => service.close())

    /** The least that any window of requests took: what else goes on only adds to it. */
    async function leastAsked(request: () => Promise<unknown>): Promise<number> {
      let least = Number.POSITIVE_INFINITY
      for (let window = 0; window < WINDOWS && least > REQUESTS; window += 1) {
        await backend.begin()
        for (let count = 0; count < REQUESTS; count += 1) await request()
        least = Math.min(least, await backend.count())
      }
      return least
    }

    const post = async (path: string, body: string) => {
      const answer = await sendTo(port, { path, body, headers })
      expect(answer.status).toBe(200)
      return JSON.parse(answer.body) as { access_token: string; active: boolean }
    }
    // The client holds several resources and asks for several scopes, so that both requests look them up.
    const issue = () => post('/oauth2/token', 'grant_type=client_credentials')
    const issueForResources = () => post('/oauth2/token', `grant_type=client_credentials${NAMED}`)
    const { access_token } = await issue()
    await issueForResources()
    const introspect = () => post('/oauth2/introspect', `token=${access_token}`)
    expect((await introspect()).active).toBe(true)

    expect(await leastAsked(issue)).toBe(REQUESTS)
    expect(await leastAsked(issueForResources)).toBe(REQUESTS)
    expect(await leastAsked(introspect)).toBe(REQUESTS)
  })
})
