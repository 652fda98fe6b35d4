import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createMemoryAdapter } from '@latchkey/adapter-memory'
import {
  type AuthorizationServer,
  type Confirmation,
  createAuthorizationServer,
  defineClient,
  generateSecret,
} from '@latchkey/core'
import { createFetchHandler } from '@latchkey/http/fetch'
import { verifyNodeRequest } from '@latchkey/resource-server'
import * as openid from 'openid-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type MadeCertificate, makeCertificate } from '../packages/resource-server/test/client-certificate.ts'
import { createProxiedVerifier } from './protect-an-api-behind-a-proxy.ts'
import { createBoundApi } from './take-bound-tokens.ts'

const API = 'https://sales.example.com'

const servers: Server[] = []
let auth: AuthorizationServer
let issuer: string
let clientSecret: string
let own: MadeCertificate
let other: MadeCertificate
const { secret, credentialId, hash } = generateSecret()
const reports = defineClient({ id: 'nightly-reports', scopes: { 'sales:read': true } })

async function listening(server: Server): Promise<string> {
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function issue(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = Buffer.concat(await request.toArray())
  const { method = 'GET', headers, url = '/' } = request
  const asked = { method, headers: headers as Record<string, string>, ...(body.length > 0 && { body }) }
  const answered = await createFetchHandler(auth)(new Request(`http://${headers.host}${url}`, asked))
  response.writeHead(answered.status, Object.fromEntries(answered.headers)).end(await answered.text())
}

beforeAll(async () => {
  ;[own, other] = await Promise.all([makeCertificate(), makeCertificate()])
  const { clients, tokens } = createMemoryAdapter()
  const credentials = [{ kind: 'secret' as const, id: credentialId, hash }]
  await clients.add(defineClient({ id: 'sales-api', credentials, resourceServerFor: [API] }))
  await clients.add(reports)
  issuer = await listening(createServer((request, response) => void issue(request, response)))
  auth = createAuthorizationServer({ issuer, clients, tokens, defaultAudience: API })
  clientSecret = secret
})
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  await auth.close()
})

async function tokenFor(confirmation?: Confirmation): Promise<string> {
  const token = await auth.createToken({ client: reports, scopes: ['sales:read'], confirmation })
  await auth.storeToken(token)
  return token.value
}

/** As `fetch`, over TLS with a certificate or without. */
const fetchWith =
  (certificate?: MadeCertificate) =>
  (
    url: string,
    { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> },
  ): Promise<Response> =>
    new Promise((resolve, reject) => {
      const tls = { ca: own.cert, agent: false, ...(certificate && { cert: certificate.cert, key: certificate.key }) }
      const options = { ...tls, method, headers }
      const asked = secureRequest(url, options, (answer) => {
        const told = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as [string, string])
        const answered = { status: answer.statusCode ?? 0, headers: told }
        text(answer).then((body) => resolve(new Response(body, answered)), reject)
      })
      asked.on('error', reject).end()
    })

it('takes tokens that are bound to a certificate or a key, and no others', async () => {
  const tls = { cert: own.cert, key: own.key }
  const app = await createBoundApi({ issuer, clientSecret, baseUrl: API, tls })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const url = `https://127.0.0.1:${(app.server.address() as AddressInfo).port}/sales`
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

  const bound = bearer(await tokenFor({ x5tS256: own.thumbprint }))
  expect(await (await fetchWith(own)(url, bound)).json()).toEqual({
    servedTo: 'nightly-reports',
    boundTo: { x5tS256: own.thumbprint },
  })
  for (const thief of [undefined, other]) expect((await fetchWith(thief)(url, bound)).status).toBe(401)
  expect((await fetchWith(own)(url, bearer(await tokenFor()))).status).toBe(401)

  const config = new openid.Configuration({ issuer }, 'nightly-reports')
  // The proxy in front of the API, so to speak: what the client asks for under its name arrives here.
  config[openid.customFetch] = (asked, options) => fetchWith()(asked.replace(API, url.replace('/sales', '')), options)
  const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'))
  const token = await tokenFor({ jkt: await DPoP.calculateThumbprint() })
  // The client is told a nonce first, and asks again by itself.
  for (let time = 0; time < 2; time += 1) {
    const sales = new URL(`${API}/sales`)
    const answer = await openid.fetchProtectedResource(config, token, sales, 'GET', undefined, undefined, { DPoP })
    expect(await answer.json()).toMatchObject({ servedTo: 'nightly-reports' })
  }
  expect((await fetchWith(own)(url, bearer(token))).status).toBe(401)
  await app.close()
})

it('believes of a certificate what its proxy says, and nobody else', async () => {
  const token = await tokenFor({ x5tS256: own.thumbprint })
  const header = `:${own.der.toString('base64')}:`
  const statusOf = async (proxy: string, told: string | string[] | undefined): Promise<number> => {
    const verifier = createProxiedVerifier({ issuer, clientSecret, proxy })
    const api = createServer((request, response) => {
      void verifyNodeRequest(verifier, request).then((verdict) =>
        response.writeHead(verdict.ok ? 200 : verdict.response.status).end(),
      )
    })
    const headers = new Headers({ authorization: `Bearer ${token}` })
    for (const line of [told ?? []].flat()) headers.append('client-cert', line)
    return (await fetch(await listening(api), { headers })).status
  }
  expect(await statusOf('127.0.0.1', header)).toBe(200)
  expect(await statusOf('127.0.0.1', undefined)).toBe(401)
  expect(await statusOf('127.0.0.1', [header, header])).toBe(401)
  expect(await statusOf('127.0.0.1', `:${other.der.toString('base64')}:`)).toBe(401)
  expect(await statusOf('10.0.0.2', header)).toBe(401)
})
