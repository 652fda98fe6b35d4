import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createMemoryAdapter } from '@latchkey/adapter-memory'
import { type AuthorizationServer, createAuthorizationServer, defineClient, type RegisteredKey } from '@latchkey/core'
import { createFetchHandler } from '@latchkey/http/fetch'
import { exportJWK, generateKeyPair } from 'jose'
import { afterEach, expect, it } from 'vitest'
import { createProfiledClient } from './follow-fapi-2.ts'

let listening: Server | undefined
let auth: AuthorizationServer | undefined

afterEach(async () => {
  listening?.closeAllConnections()
  listening?.close()
  await auth?.close()
})

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = Buffer.concat(await request.toArray())
  const { method = 'GET', headers, url = '/' } = request
  const asked = { method, headers: headers as Record<string, string>, ...(body.length > 0 && { body }) }
  const handle = createFetchHandler(auth as AuthorizationServer)
  const answered = await handle(new Request(`http://${headers.host}${url}`, asked))
  response.writeHead(answered.status, Object.fromEntries(answered.headers)).end(await answered.text())
}

it.each(['ES256', 'Ed25519', 'PS256'])('gets bound tokens under the profile, by a key for %s', async (alg) => {
  const { publicKey, privateKey } = await generateKeyPair(alg)
  const keys = [(await exportJWK(publicKey)) as unknown as RegisteredKey]
  const { clients, tokens, replays } = createMemoryAdapter()
  await clients.add(
    defineClient({
      id: 'nightly-reports',
      scopes: { 'sales:read': true },
      credentials: [{ kind: 'jwks', id: 'keys', keys }],
    }),
  )
  listening = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  }).listen(0)
  await once(listening, 'listening')
  const issuer = `http://localhost:${(listening.address() as AddressInfo).port}`
  auth = createAuthorizationServer({ issuer, clients, tokens, replays, profile: 'fapi2' })

  const profiled = await createProfiledClient({ issuer, clientId: 'nightly-reports', privateKey })
  for (let time = 0; time < 2; time += 1) {
    const { access_token: token, token_type: type } = await profiled.requestToken()
    expect(type).toBe('dpop')
    expect(await auth.verifyAccessToken({ token })).toEqual({ ok: false, error: 'invalid_token' })
  }
})
