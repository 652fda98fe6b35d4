import { createMemoryAdapter } from '@latchkey/adapter-memory'
import { createAuthorizationServer, openKeyRing } from '@latchkey/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allHosts, type Host } from '../hosts.ts'
import { ISSUER } from '../test-server.ts'

const hosts: Host[] = []
const closing: (() => Promise<void>)[] = []

async function start(issuer: string): Promise<readonly Host[]> {
  const adapter = createMemoryAdapter()
  const ring = await openKeyRing({ store: adapter.keys, masterKey: 'ephemeral' })
  const server = createAuthorizationServer({ issuer, clients: adapter.clients, tokens: adapter.tokens, signer: ring })
  closing.push(
    () => ring.close(),
    () => adapter.close(),
  )
  return allHosts(server)
}

beforeAll(async () => {
  hosts.push(...(await start(ISSUER)), ...(await start(`${ISSUER}/tenant`)))
})

afterAll(async () => {
  for (const host of hosts) await host.close()
  for (const close of closing) await close()
})

const get = (host: Host, path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  host.send({ method, path, headers })

describe.each([
  ['the service', 0, ''],
  ['Fastify alone', 1, ''],
  ['the fetch handler', 2, ''],
  ['the service, below a path', 3, '/tenant'],
  ['Fastify alone, below a path', 4, '/tenant'],
  ['the fetch handler, below a path', 5, '/tenant'],
])('the published keys, by %s', (_name, index, base) => {
  const path = `${base}/.well-known/jwks.json`
  const host = (): Host => hosts[index] as Host

  it('RFC 7517 §5 · F8, K3 · are where the metadata says, as a JWK Set that may be kept', async () => {
    const { jwks_uri: uri } = JSON.parse((await get(host(), `${base}/.well-known/openid-configuration`)).body) as {
      jwks_uri: string
    }
    expect(uri).toBe(`${ISSUER}${path}`)
    const { status, headers, body } = await get(host(), path)
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'application/jwk-set+json',
      'cache-control': 'public, max-age=300',
    })
    expect(JSON.parse(body)).toMatchObject({ keys: [{ kty: 'EC', crv: 'P-256', use: 'sig', alg: 'ES256' }] })
  })

  it('RFC 7517 §5 · F8 · are not sent again to whoever has them', async () => {
    const { etag = '' } = (await get(host(), path)).headers
    const unchanged = await get(host(), path, { 'if-none-match': `"other", ${etag}` })
    expect(unchanged).toMatchObject({
      status: 304,
      body: '',
      headers: { etag, 'cache-control': 'public, max-age=300' },
    })
    expect((await get(host(), path, { 'if-none-match': '"other"' })).status).toBe(200)
  })

  it('RFC 9110 §9.3.2 · F8, K7 · are told of by HEAD, and by no other method', async () => {
    const [full, head] = [await get(host(), path), await get(host(), path, {}, 'HEAD')]
    expect(head).toEqual({ ...full, body: '' })
    const refused = await host().send({ path })
    expect(refused).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
  })
})
