import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createMemoryTokenStore } from '@latchkey/adapter-memory'
import type { TokenStore } from '@latchkey/core'
import { createAuthorizationServer, defineClient } from '@latchkey/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSalesApi } from './protect-an-api.ts'

const reports = defineClient({ id: 'nightly-reports', scopes: { 'sales:read': true } })

/** Serves the API over a store of tokens, and makes it a token. */
async function serve(tokens: TokenStore) {
  const auth = createAuthorizationServer({
    issuer: 'https://auth.example.com',
    clients: { find: async (id) => (id === reports.id ? reports : undefined) },
    tokens,
  })
  const token = await auth.createToken({ client: reports, scopes: ['sales:read'] })
  await auth.storeToken(token)
  const api = createSalesApi(auth).listen(0, '127.0.0.1')
  await once(api, 'listening')
  const { port } = api.address() as AddressInfo
  return { api, authorization: `Bearer ${token.value}`, origin: `http://127.0.0.1:${port}` }
}

describe('an API that is protected by verifyBearer', () => {
  let served: Awaited<ReturnType<typeof serve>>
  beforeAll(async () => {
    served = await serve(createMemoryTokenStore())
  })
  afterAll(() => served.api.close())

  it('serves who has an active token with the scopes', async () => {
    const { origin, authorization } = served
    const response = await fetch(`${origin}/sales`, { headers: { authorization } })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ servedTo: 'nightly-reports' })
  })

  it('tells who has no token how to authenticate, and no more', async () => {
    const response = await fetch(`${served.origin}/sales`)
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="https://auth.example.com"',
    ])
  })

  it('refuses a token that is not active', async () => {
    const response = await fetch(`${served.origin}/sales`, { headers: { authorization: 'Bearer made-up' } })
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
  })

  it('names the scopes that a token lacks', async () => {
    const { origin, authorization } = served
    const response = await fetch(`${origin}/refunds`, { method: 'POST', headers: { authorization } })
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      403,
      'Bearer error="insufficient_scope", scope="sales:read sales:refund"',
    ])
  })

  it('believes neither of two Authorization headers', async () => {
    const { origin, authorization } = served
    const socket = (await import('node:net')).connect(Number(new URL(origin).port), '127.0.0.1')
    const lines = ['GET /sales HTTP/1.1', 'Host: api', `Authorization: ${authorization}`, 'Authorization: Bearer other']
    socket.end(`${[...lines, 'Connection: close', '', ''].join('\r\n')}`)
    const answer = (await socket.toArray()).join('')
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('knows nothing of other paths', async () => {
    expect((await fetch(`${served.origin}/elsewhere`)).status).toBe(404)
  })
})

it('answers 503 while the storage is away: nobody knows whether the token is good', async () => {
  const memory = createMemoryTokenStore()
  const away: TokenStore = { ...memory, find: () => Promise.reject(new Error('away')) }
  const { api, origin, authorization } = await serve(away)
  const response = await fetch(`${origin}/sales`, { headers: { authorization } })
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
  api.close()
})
