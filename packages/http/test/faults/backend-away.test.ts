import { defineClient, defineResource, generateSecret } from '@latchkey/core'
import { startFaultProxy, startPostgres, startRedis } from '@latchkey/test-backends'
import { afterEach, describe, expect, it } from 'vitest'
import { sendTo } from '../hosts.ts'
import { startedService } from '../started-service.ts'
import { basic, FORM } from '../test-server.ts'

/** A request is answered within three seconds whatever the backend does; a busy machine adds to it. */
const ANSWERED_WITHIN_MS = 10_000
const BACK_WITHIN_MS = 60_000

const SALES = 'https://sales.example.com'
const { secret, credentialId, hash } = generateSecret()
const headers = { 'content-type': FORM, authorization: basic('reader', secret) }

const ended: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end()
})

type Proxy = Awaited<ReturnType<typeof startFaultProxy>>

/** A server of its own behind a network that fails on demand. */
async function behindProxy(start: () => Promise<{ url: string; port: number; stop(): Promise<void> }>) {
  const backend = await start()
  ended.push(() => backend.stop())
  const proxy = await startFaultProxy({ to: backend.port })
  ended.push(() => proxy.stop())
  const url = new URL(backend.url)
  url.port = String(proxy.port)
  return { proxy, url: url.href }
}

const postgres = () => behindProxy(() => startPostgres())
const redis = () => behindProxy(() => startRedis())

/** The settings of a storage, and the network to its clients and to its tokens. */
const STORAGES = {
  'Postgres below both': async () => {
    const { proxy, url } = await postgres()
    return { settings: { LATCHKEY_STORAGE: url }, proxies: [proxy] }
  },
  'Redis below both': async () => {
    const { proxy, url } = await redis()
    return { settings: { LATCHKEY_STORAGE: url }, proxies: [proxy] }
  },
  'Postgres below clients, Redis below tokens': async () => {
    const [clients, tokens] = [await postgres(), await redis()]
    return {
      settings: { LATCHKEY_CLIENT_STORAGE: clients.url, LATCHKEY_TOKEN_STORAGE: tokens.url },
      proxies: [clients.proxy, tokens.proxy],
    }
  },
} as const

const FAULTS: readonly (readonly [string, (proxy: Proxy) => void])[] = [
  ['is cut off', (proxy) => proxy.refuse()],
  ['falls silent', (proxy) => proxy.swallow()],
]

async function served(settings: Readonly<Record<string, string>>) {
  const started = await startedService(
    { ...settings, LATCHKEY_AUTO_MIGRATE: 'true' },
    {
      async prepare({ clients, resources }) {
        await resources?.add(defineResource({ identifier: SALES }))
        const credentials = [{ kind: 'secret', id: credentialId, hash } as const]
        await clients.add(defineClient({ id: 'reader', scopes: { read: true }, credentials }))
      },
    },
  )
  ended.push(() => started.service.close())
  const post = async (path: string, body: string) => {
    const begun = performance.now()
    const answer = await sendTo(started.port, { path, body, headers })
    expect(performance.now() - begun).toBeLessThan(ANSWERED_WITHIN_MS)
    return answer
  }
  const issue = () => post('/oauth2/token', 'grant_type=client_credentials')
  const tokenOf = ({ body }: { readonly body: string }) => (JSON.parse(body) as { access_token: string }).access_token
  const isActive = async (token: string) =>
    (JSON.parse((await post('/oauth2/introspect', `token=${token}`)).body) as { active?: boolean }).active
  const health = async (name: string) =>
    (await sendTo(started.port, { method: 'GET', path: `/health/${name}`, headers: {} })).status
  /** The resources that the metadata names; clients find it whatever becomes of the backend. */
  const named = async () => {
    const begun = performance.now()
    const path = '/.well-known/oauth-authorization-server'
    const { status, body } = await sendTo(started.port, { method: 'GET', path })
    expect(performance.now() - begun).toBeLessThan(ANSWERED_WITHIN_MS)
    expect(status).toBe(200)
    return (JSON.parse(body) as { protected_resources?: readonly string[] }).protected_resources
  }
  return { ...started, post, issue, tokenOf, isActive, health, named }
}

const UNAVAILABLE = {
  status: 503,
  body: expect.stringContaining('"temporarily_unavailable"') as unknown,
  headers: { 'retry-after': expect.stringMatching(/^\d+$/) as unknown },
}

describe.each(Object.entries(STORAGES))('the service, with %s', (_, place) => {
  it.each(FAULTS)(
    'answers 503 while its backend %s, is alive but not ready, and goes on by itself',
    async (__, fail) => {
      const { settings, proxies } = await place()
      const { post, issue, tokenOf, isActive, health, named, logged } = await served(settings)
      const [kept, revoked] = [tokenOf(await issue()), tokenOf(await issue())]
      expect(await post('/oauth2/revoke', `token=${revoked}`)).toMatchObject({ status: 200 })
      expect(await health('ready')).toBe(200)

      for (const proxy of proxies) {
        // Nobody has asked for the metadata before the first fault, which is that of the clients and resources.
        const isFirst = proxy === proxies[0]
        fail(proxy)
        // The clients that are remembered are forgotten after their time; from then on nobody can be authenticated.
        await expect.poll(async () => (await issue()).status, { timeout: BACK_WITHIN_MS }).toBe(503)
        expect(await issue()).toMatchObject(UNAVAILABLE)
        for (const path of ['/oauth2/introspect', '/oauth2/revoke'])
          for (const token of [kept, revoked]) expect(await post(path, `token=${token}`)).toMatchObject(UNAVAILABLE)
        expect(await health('live')).toBe(200)
        expect(await named()).toEqual(isFirst ? undefined : [SALES])
        await expect.poll(() => health('ready'), { timeout: BACK_WITHIN_MS }).toBe(503)
        expect(logged.filter((line) => line.includes('"not_ready"')).at(-1)).toMatch(/"reason":".+"/)

        proxy.heal()
        await expect.poll(async () => (await issue()).status, { timeout: BACK_WITHIN_MS }).toBe(200)
        await expect.poll(() => health('ready'), { timeout: BACK_WITHIN_MS }).toBe(200)
        // What had been answered holds: fail closed, and nothing forgotten.
        await expect.poll(() => isActive(kept), { timeout: BACK_WITHIN_MS }).toBe(true)
        expect(await isActive(revoked)).toBe(false)
        await expect.poll(named, { timeout: BACK_WITHIN_MS }).toEqual([SALES])
      }
      expect(logged.join('')).not.toContain(secret)
    },
  )
})
