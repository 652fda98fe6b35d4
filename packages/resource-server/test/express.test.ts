import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import express from 'express'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accessTokenOf, requireToken, serveResourceMetadata } from '../src/express.ts'
import type { TokenVerifier } from '../src/index.ts'
import { claimsOf, makeKey, PATHS, sign, startIssuer, status, type TestIssuer, verifierOf } from './test-issuer.ts'

let issuer: TestIssuer
let token: string
let api: Server
let origin: string

function expressApi(verifier: TokenVerifier): Server {
  const app = express()
  app.use(serveResourceMetadata(verifier))
  app.use(express.urlencoded({ extended: false }), express.json())
  app.get('/open', (request, response) => {
    response.json({ servedTo: accessTokenOf(request).clientId })
  })
  app.all('/sales', requireToken(verifier, { scopes: ['sales:read'] }), (request, response) => {
    response.json({ servedTo: accessTokenOf(request).clientId })
  })
  const below = express.Router()
  below.post('/', requireToken(verifier, { scopes: ['sales:read', 'sales:refund'] }), (_, response) => {
    response.json({})
  })
  app.use('/refunds', below)
  app.use((_error: unknown, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
    response.status(500).end()
  })
  return createServer(app)
}

beforeEach(async () => {
  const key = await makeKey('ES256', 'current')
  issuer = await startIssuer(key)
  token = await sign(key, claimsOf(issuer.issuer))
  api = expressApi(verifierOf(issuer, { resourceMetadata: {} }).verifier).listen(0, '127.0.0.1')
  await once(api, 'listening')
  origin = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
})
afterEach(async () => {
  api.closeAllConnections()
  api.close()
  await issuer.close()
})

const METADATA = 'resource_metadata="https://sales.example.com/.well-known/oauth-protected-resource"'
const answerTo = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(origin + path, init)
  return [response.status, response.headers.get('www-authenticate')]
}

describe('an API of Express', () => {
  it('serves who has an active token with the scopes, and knows who it is', async () => {
    const response = await fetch(`${origin}/sales`, { headers: { authorization: `Bearer ${token}` } })
    expect([response.status, await response.json()]).toEqual([200, { servedTo: 'nightly-reports' }])
  })

  it('tells who has no token how to get one', async () => {
    expect(await answerTo('/sales')).toEqual([401, `Bearer realm="https://sales.example.com", ${METADATA}`])
  })

  it('refuses a token that is not active', async () => {
    const headers = { authorization: `Bearer ${token.slice(0, -4)}AAAA` }
    expect(await answerTo('/sales', { headers })).toEqual([401, `Bearer error="invalid_token", ${METADATA}`])
  })

  it('names the scopes that a token lacks, below a router too', async () => {
    expect(await answerTo('/refunds', { method: 'POST', headers: { authorization: `Bearer ${token}` } })).toEqual([
      403,
      `Bearer error="insufficient_scope", scope="sales:read sales:refund", ${METADATA}`,
    ])
  })

  it.each(['/sales', '/refunds'])(
    'refuses a token in the query, beside one in the header and alone: %s',
    async (path) => {
      const expected = [400, `Bearer error="invalid_request", ${METADATA}`]
      const headers = { authorization: `Bearer ${token}` }
      for (const init of [{}, { headers }])
        expect(await answerTo(`${path}?a=b&access%5Ftoken=${token}`, { method: 'POST', ...init })).toEqual(expected)
    },
  )

  it('refuses a second token in a form', async () => {
    const body = new URLSearchParams({ access_token: token })
    const init = { method: 'POST', body, headers: { authorization: `Bearer ${token}` } }
    expect(await answerTo('/sales', init)).toEqual([400, `Bearer error="invalid_request", ${METADATA}`])
  })

  it('takes a member of JSON for no token', async () => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const [code] = await answerTo('/sales', { method: 'POST', body: '{"access_token":"x"}', headers })
    expect(code).toBe(200)
  })

  it('believes neither of two Authorization headers', async () => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1')
    const lines = ['GET /sales HTTP/1.1', 'Host: api', `Authorization: Bearer ${token}`, 'AUTHORIZATION: Bearer other']
    socket.end([...lines, 'Connection: close', '', ''].join('\r\n'))
    expect((await socket.toArray()).join('')).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('answers 503 while the issuer is away', async () => {
    issuer.answers.set(PATHS.metadata, status(500))
    const response = await fetch(`${origin}/sales`, { headers: { authorization: `Bearer ${token}` } })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
    expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable' })
  })

  it('fails where a handler asks for the token of a route that requires none', async () => {
    expect(await answerTo('/open', { headers: { authorization: `Bearer ${token}` } })).toEqual([500, null])
  })

  it('publishes its metadata, and nothing by another method', async () => {
    const path = '/.well-known/oauth-protected-resource'
    const response = await fetch(`${origin}${path}?a=b`)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual({
      resource: 'https://sales.example.com',
      authorization_servers: [issuer.issuer],
      bearer_methods_supported: ['header'],
    })
    const head = await fetch(origin + path, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    const post = await fetch(origin + path, { method: 'POST' })
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })
})

it('is no way to publish metadata that there is none of', () => {
  expect(() => serveResourceMetadata(verifierOf(issuer).verifier)).toThrow('resourceMetadata')
})
