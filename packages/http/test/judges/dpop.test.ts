import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Agent } from 'node:https'
import { createMemorySigningKeyStore } from '@latchkey/adapter-memory'
import { type OpenKeyRing, openKeyRing } from '@latchkey/core'
import { auth } from 'express-oauth2-jwt-bearer'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { type ClientKey, makeClientKey, proofOf } from '../dpop-proofs.ts'
import { CERT, KEY } from '../tls-key-pair.ts'
import { type JudgedService, startJudgedService } from './judged-service.ts'
import { createTrustingFetch } from './trusting-fetch.ts'

const AUDIENCE = 'https://api.example.com'
const tls = { cert: CERT, key: KEY }
const trusting = createTrustingFetch()
const trusted = { [oauth.customFetch]: trusting.fetch as never }

let service: JudgedService | undefined
let ring: OpenKeyRing | undefined

afterEach(async () => {
  await service?.close()
  await ring?.close()
  service = undefined
  ring = undefined
})

afterAll(() => trusting.close())

const NONCES = [
  ['without a nonce', false],
  ['with a nonce', true],
] as const

describe('oauth4webapi', () => {
  it.each(NONCES)('gets a token that is bound to its key, %s', async (_, requireNonce) => {
    service = await startJudgedService({ dpop: { requireNonce } }, [], tls)
    const issuer = new URL(service.issuer)
    const as = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...trusted }),
    )
    expect(as.dpop_signing_alg_values_supported).toContain('ES256')
    for (const { id, secret } of service.clients) {
      const client: oauth.Client = { client_id: id }
      const clientAuth = oauth.ClientSecretBasic(secret)
      const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
      const ask = async () =>
        oauth.processClientCredentialsResponse(
          as,
          client,
          await oauth.clientCredentialsGrantRequest(as, client, clientAuth, { scope: 'read' }, { DPoP, ...trusted }),
        )
      if (requireNonce) {
        const refusal = await ask().catch((error: unknown) => error)
        expect(oauth.isDPoPNonceError(refusal)).toBe(true)
      }
      const token = await ask()
      expect(token).toMatchObject({ token_type: 'dpop', scope: 'read' })
      // The nonce that it has been told is good for more than one request.
      expect((await ask()).token_type).toBe('dpop')
      const introspected = await oauth.processIntrospectionResponse(
        as,
        client,
        await oauth.introspectionRequest(as, client, clientAuth, token.access_token, trusted),
      )
      expect(introspected).toMatchObject({ active: true, cnf: { jkt: await DPoP.calculateThumbprint() } })
    }
  })
})

describe('openid-client', () => {
  it.each(NONCES)(
    'gets a token that is bound to its key, %s, and asks no second time by itself',
    async (_, requireNonce) => {
      service = await startJudgedService({ dpop: { requireNonce } }, [], tls)
      for (const { id, secret } of service.clients) {
        const config = await openid.discovery(new URL(service.issuer), id, undefined, openid.ClientSecretPost(secret), {
          algorithm: 'oauth2',
          [openid.customFetch]: trusting.fetch as never,
        })
        for (const alg of ['ES256', 'Ed25519', 'PS256']) {
          const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair(alg))
          const token = await openid.clientCredentialsGrant(config, { scope: 'read' }, { DPoP })
          expect(token.token_type).toBe('dpop')
          expect(await openid.tokenIntrospection(config, token.access_token)).toMatchObject({
            active: true,
            token_type: 'DPoP',
            cnf: { jkt: await DPoP.calculateThumbprint() },
          })
        }
      }
    },
  )
})

describe('tokens that others verify together with a proof', () => {
  async function boundToken(key: ClientKey): Promise<string> {
    ring = await openKeyRing({ store: createMemorySigningKeyStore(), masterKey: 'A'.repeat(43) })
    service = await startJudgedService({ signer: ring, accessTokenFormat: 'jwt', defaultAudience: AUDIENCE }, [], tls)
    const [{ id, secret }] = service.clients as [JudgedService['clients'][0]]
    const address = `${service.issuer}/oauth2/token`
    const answer = await trusting.fetch(address, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}`, dpop: await proofOf(key, address) },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    })
    const token = (await answer.json()) as { access_token: string; token_type: string }
    expect(token.token_type).toBe('DPoP')
    return token.access_token
  }

  const proofFor = (key: ClientKey, token: string) =>
    proofOf(key, `${AUDIENCE}/`, { htm: 'GET', ath: createHash('sha256').update(token).digest('base64url') })

  /** Sends what a request says through the middleware, as Express would, and says whose the token was. */
  const throughMiddleware =
    (middleware: ReturnType<typeof auth>) =>
    (headers: Record<string, string>): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const request = {
          method: 'GET',
          url: '/',
          headers: { host: 'api.example.com', ...headers },
          protocol: 'https',
          originalUrl: '/',
          get: (name: string) => (name.toLowerCase() === 'host' ? 'api.example.com' : undefined),
          app: { get: () => undefined },
          query: {},
          body: {},
          is: () => false,
        }
        const next = (error?: unknown): void =>
          error === undefined
            ? resolve((request as { auth?: { payload: { client_id: unknown } } }).auth?.payload.client_id)
            : reject(error instanceof Error ? error : new Error('refused'))
        void middleware(request as unknown as IncomingMessage as never, {} as ServerResponse as never, next)
      })

  it.each([
    ['where each token must come with a proof', { required: true }],
    ['where bearer tokens pass as well', { enabled: true }],
  ])('are accepted by express-oauth2-jwt-bearer, from whoever holds the key, %s', async (_, dpop) => {
    const key = await makeClientKey()
    const token = await boundToken(key)
    const agent = new Agent({ ca: CERT })
    const verify = throughMiddleware(
      auth({ issuerBaseURL: service?.issuer as string, audience: AUDIENCE, dpop, agent }),
    )
    const authorization = `DPoP ${token}`
    expect(await verify({ authorization, dpop: await proofFor(key, token) })).toBe('generated')
    const refusals = [
      { authorization, dpop: await proofFor(await makeClientKey(), token) },
      { authorization, dpop: await proofFor(key, `${token}x`) },
      { authorization },
      { authorization: `Bearer ${token}` },
      { authorization: `Bearer ${token}`, dpop: await proofFor(key, token) },
    ]
    for (const headers of refusals) await expect(verify(headers)).rejects.toBeInstanceOf(Error)
  })

  it('are accepted by oauth4webapi, from whoever holds the key', async () => {
    const key = await makeClientKey()
    const token = await boundToken(key)
    const issuer = new URL(service?.issuer as string)
    const as = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...trusted }),
    )
    const verify = async (prover: ClientKey) =>
      oauth.validateJwtAccessToken(
        as,
        new Request(`${AUDIENCE}/`, {
          headers: { authorization: `DPoP ${token}`, dpop: await proofFor(prover, token) },
        }),
        AUDIENCE,
        { requireDPoP: true, ...trusted },
      )
    expect((await verify(key)).cnf).toEqual({ jkt: key.jkt })
    await expect(verify(await makeClientKey())).rejects.toBeInstanceOf(Error)
  })
})
