import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createMemoryAdapter } from '@latchkey/adapter-memory'
import { type AuthorizationServer, createAuthorizationServer, defineClient, generateSecret } from '@latchkey/core'
import { createFetchHandler } from '@latchkey/http/fetch'
import { afterEach, expect, it } from 'vitest'
import { createBoundClient } from './bind-tokens-to-a-key.ts'

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

it.each([false, true])('gets tokens that are bound to a key, be a nonce required or not: %s', async (requireNonce) => {
  const { secret, credentialId, hash } = generateSecret()
  const { clients, tokens, replays } = createMemoryAdapter()
  await clients.add(
    defineClient({
      id: 'nightly-reports',
      scopes: { 'sales:read': true },
      credentials: [{ kind: 'secret', id: credentialId, hash }],
      dpopBoundAccessTokens: true,
    }),
  )
  listening = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  }).listen(0)
  await once(listening, 'listening')
  const issuer = `http://localhost:${(listening.address() as AddressInfo).port}`
  auth = createAuthorizationServer({ issuer, clients, tokens, replays, dpop: { requireNonce } })

  const bound = await createBoundClient({ issuer, clientId: 'nightly-reports', clientSecret: secret })
  for (let time = 0; time < 3; time += 1) {
    const { access_token: token, token_type: type } = await bound.requestToken()
    expect(type).toBe('dpop')
    expect(await auth.verifyAccessToken({ token })).toEqual({ ok: false, error: 'invalid_token' })
    const proven = { jkt: await bound.thumbprint() }
    expect(await auth.verifyAccessToken({ token, proven })).toMatchObject({ ok: true })
  }
})
