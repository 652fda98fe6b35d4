import { type AddressInfo, connect } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tokenVerification } from '../src/fastify.ts'
import type { TokenVerifier } from '../src/index.ts'
import { claimsOf, makeKey, PATHS, sign, startIssuer, status, type TestIssuer, verifierOf } from './test-issuer.ts'

let issuer: TestIssuer
let token: string
let api: FastifyInstance
let origin: string

async function fastifyApi(verifier: TokenVerifier): Promise<FastifyInstance> {
  const app = Fastify()
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    async (_: unknown, body: string) => Object.fromEntries(new URLSearchParams(body)),
  )
  await app.register(tokenVerification, { verifier })
  app.get('/open', async (request) => ({ servedTo: request.accessToken.clientId }))
  app.get('/sales', { onRequest: app.requireToken({ scopes: ['sales:read'] }) }, async (request) => ({
    servedTo: request.accessToken.clientId,
  }))
  // Encapsulated: what the plugin adds at the root is there all the same.
  await app.register(
    async (below) => {
      below.addHook('preHandler', below.requireToken({ scopes: ['sales:read'] }))
      below.post('/', async (request) => ({ servedTo: request.accessToken.clientId }))
      below.post('/all', { preHandler: below.requireToken({ scopes: ['sales:refund'] }) }, async () => ({}))
    },
    { prefix: '/refunds' },
  )
  return app
}

beforeEach(async () => {
  const key = await makeKey('ES256', 'current')
  issuer = await startIssuer(key)
  token = await sign(key, claimsOf(issuer.issuer))
  const { verifier } = verifierOf(issuer, { resourceMetadata: { resource: 'https://sales.example.com/v1:a/%C3%BC' } })
  api = await fastifyApi(verifier)
  await api.listen({ port: 0, host: '127.0.0.1' })
  origin = `http://127.0.0.1:${(api.server.address() as AddressInfo).port}`
})
afterEach(async () => {
  await api.close()
  await issuer.close()
})

const METADATA = 'resource_metadata="https://sales.example.com/.well-known/oauth-protected-resource/v1:a/%C3%BC"'
const answerTo = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(origin + path, init)
  return [response.status, response.headers.get('www-authenticate')]
}
const bearer = () => ({ authorization: `Bearer ${token}` })

describe('an API of Fastify', () => {
  it('serves who has an active token with the scopes, and knows who it is', async () => {
    const response = await fetch(`${origin}/sales`, { headers: bearer() })
    expect([response.status, await response.json()]).toEqual([200, { servedTo: 'nightly-reports' }])
    expect((await fetch(`${origin}/refunds`, { method: 'POST', headers: bearer() })).status).toBe(200)
  })

  it('tells who has no token how to get one', async () => {
    expect(await answerTo('/sales')).toEqual([401, `Bearer realm="https://sales.example.com", ${METADATA}`])
  })

  it('refuses a token that is not active', async () => {
    expect(await answerTo('/sales', { headers: { authorization: 'Bearer made-up' } })).toEqual([
      401,
      `Bearer error="invalid_token", ${METADATA}`,
    ])
  })

  it('names the scopes that a token lacks', async () => {
    expect(await answerTo('/refunds/all', { method: 'POST', headers: bearer() })).toEqual([
      403,
      `Bearer error="insufficient_scope", scope="sales:refund", ${METADATA}`,
    ])
  })

  it('refuses a token in the query, beside one in the header and alone', async () => {
    for (const init of [{}, { headers: bearer() }])
      expect(await answerTo(`/sales?access_token=${token}`, init)).toEqual([
        400,
        `Bearer error="invalid_request", ${METADATA}`,
      ])
  })

  it('refuses a second token in a form, where it is checked once the body was read', async () => {
    const body = new URLSearchParams({ access_token: token })
    expect(await answerTo('/refunds', { method: 'POST', body, headers: bearer() })).toEqual([
      400,
      `Bearer error="invalid_request", ${METADATA}`,
    ])
  })

  it('believes neither of two Authorization headers', async () => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1')
    const lines = ['GET /sales HTTP/1.1', 'Host: api', `Authorization: Bearer ${token}`, 'authorization: Bearer other']
    socket.end([...lines, 'Connection: close', '', ''].join('\r\n'))
    expect((await socket.toArray()).join('')).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('answers 503 while the issuer is away', async () => {
    issuer.answers.set(PATHS.metadata, status(500))
    const response = await fetch(`${origin}/sales`, { headers: bearer() })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
    expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable' })
  })

  it('fails where a handler asks for the token of a route that requires none', async () => {
    expect(await answerTo('/open', { headers: bearer() })).toEqual([500, null])
  })

  it('publishes its metadata, at a path with letters that its router has other plans for', async () => {
    const path = '/.well-known/oauth-protected-resource/v1:a/%C3%BC'
    const response = await fetch(origin + path)
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    expect(await response.json()).toMatchObject({ resource: 'https://sales.example.com/v1:a/%C3%BC' })
    const head = await fetch(origin + path, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect((await fetch(`${origin}/.well-known/oauth-protected-resource/v1b/%C3%BC`)).status).toBe(404)
  })
})

it('publishes no metadata below a prefix, where nobody looks for it', async () => {
  const { verifier } = verifierOf(issuer, { resourceMetadata: {} })
  const app = Fastify()
  app.register(async (below) => below.register(tokenVerification, { verifier }), { prefix: '/v1' })
  await expect(app.ready()).rejects.toThrow('at the root')
})
