import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createMemoryAdapter } from '@latchkey/adapter-memory'
import { type AuthorizationServer, createAuthorizationServer, defineClient, generateSecret } from '@latchkey/core'
import { createFetchHandler } from '@latchkey/http/fetch'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createSalesApi as withExpress } from './protect-an-api-with-express.ts'
import { createSalesApi as withFastify } from './protect-an-api-with-fastify.ts'
import { createSalesApi as withFetch } from './protect-an-api-with-fetch.ts'
import { createSalesApi as withNode } from './protect-an-api-with-node.ts'

const API = 'https://sales.example.com'

/** Serves a function of the Web platform. */
const serverOf = (handle: (request: Request) => Promise<Response>): Server =>
  createServer((request, response) => {
    answer(handle, request, response).catch(() => response.destroy())
  })

async function answer(
  handle: (request: Request) => Promise<Response>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = await request.toArray()
  const { method = 'GET', headers, url = '/' } = request
  const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}
  const asked = { method, headers: headers as Record<string, string>, ...body }
  const answered = await handle(new Request(`http://${headers.host}${url}`, asked))
  response.writeHead(answered.status, Object.fromEntries(answered.headers))
  response.end(Buffer.from(await answered.arrayBuffer()))
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('an API in a program of its own', () => {
  const servers: Server[] = []
  let auth: AuthorizationServer
  let settings: { readonly issuer: string; readonly clientSecret: string }
  let tokenOf: () => Promise<string>
  const warnings = vi.spyOn(console, 'warn').mockImplementation(() => undefined)

  beforeAll(async () => {
    const { secret, credentialId, hash } = generateSecret()
    const api = { id: 'sales-api', credentials: [{ kind: 'secret' as const, id: credentialId, hash }] }
    const reports = defineClient({ id: 'nightly-reports', scopes: { 'sales:read': true } })
    const { clients, tokens } = createMemoryAdapter()
    await clients.add(defineClient({ ...api, resourceServerFor: [API] }))
    await clients.add(reports)
    // The issuer's name holds the port, which is known once it listens.
    const issuing = serverOf((request) => createFetchHandler(auth)(request))
    servers.push(issuing)
    const issuer = await listening(issuing)
    auth = createAuthorizationServer({ issuer, clients, tokens, defaultAudience: API })
    settings = { issuer, clientSecret: secret }
    tokenOf = async () => {
      const token = await auth.createToken({ client: reports, scopes: ['sales:read'] })
      await auth.storeToken(token)
      return token.value
    }
  })
  afterAll(async () => {
    warnings.mockRestore()
    for (const server of servers) {
      server.closeAllConnections()
      server.close()
    }
    await auth.close()
  })

  it.each<[string, () => Server | Promise<Server>]>([
    ['Express', () => createServer(withExpress(settings))],
    ['plain Node', () => withNode(settings)],
    ['Request and Response', () => serverOf(withFetch(settings))],
    [
      'Fastify',
      async () => {
        const app = await withFastify(settings)
        await app.ready()
        return app.server
      },
    ],
  ])('with %s serves who may, and answers all others as RFC 6750 says', async (_, create) => {
    const server = await create()
    servers.push(server)
    const origin = await listening(server)
    const headers = { authorization: `Bearer ${await tokenOf()}` }
    const challenge = `resource_metadata="${API}/.well-known/oauth-protected-resource"`

    const served = await fetch(`${origin}/sales`, { headers })
    expect(served.status).toBe(200)
    expect(await served.json()).toMatchObject({ servedTo: 'nightly-reports', until: expect.any(Number) })

    const answers: [RequestInit & { readonly path?: string }, number, string | null][] = [
      [{}, 401, `Bearer realm="${API}", ${challenge}`],
      [{ headers: { authorization: 'Bearer made-up' } }, 401, `Bearer error="invalid_token", ${challenge}`],
      [
        { path: '/refunds', method: 'POST', headers },
        403,
        `Bearer error="insufficient_scope", scope="sales:read sales:refund", ${challenge}`,
      ],
      [{ path: '/elsewhere', headers }, 404, null],
    ]
    for (const [{ path = '/sales', ...init }, status, told] of answers) {
      const refusal = await fetch(origin + path, init)
      expect([refusal.status, refusal.headers.get('www-authenticate')]).toEqual([status, told])
    }

    const metadata = await fetch(`${origin}/.well-known/oauth-protected-resource`)
    expect(await metadata.json()).toEqual({
      resource: API,
      authorization_servers: [settings.issuer],
      scopes_supported: ['sales:read', 'sales:refund'],
      bearer_methods_supported: ['header'],
    })
  })
})
