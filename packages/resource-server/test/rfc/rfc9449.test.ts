import { createHash, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import express from 'express'
import Fastify from 'fastify'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBoundedReplays } from '../../src/dpop/bounded-replays.ts'
import { requireToken } from '../../src/express.ts'
import { tokenVerification } from '../../src/fastify.ts'
import { type RequestQuestion, verifyRequest } from '../../src/index.ts'
import {
  API,
  claimsOf,
  json,
  makeKey,
  NOW,
  PATHS,
  sign,
  startIssuer,
  type TestIssuer,
  verifierOf,
} from '../test-issuer.ts'

let issuer: TestIssuer
let key: { readonly privateKey: CryptoKey; readonly jwk: JWK; readonly jkt: string }
let token: string
let bearer: string

const makeClientKey = async (): Promise<typeof key> => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(publicKey)
  return { privateKey, jwk, jkt: await calculateJwkThumbprint(jwk) }
}

beforeAll(async () => {
  const signing = await makeKey('ES256', 'current')
  issuer = await startIssuer(signing)
  key = await makeClientKey()
  token = await sign(signing, claimsOf(issuer.issuer, { cnf: { jkt: key.jkt } }))
  bearer = await sign(signing, claimsOf(issuer.issuer))
})
afterAll(() => issuer.close())

const athOf = (shown: string): string => createHash('sha256').update(shown).digest('base64url')

const proofOf = (claims: Record<string, unknown> = {}, { privateKey, jwk } = key): Promise<string> =>
  new SignJWT({ jti: randomUUID(), htm: 'GET', htu: `${API}/sales`, iat: NOW, ath: athOf(token), ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
    .sign(privateKey)

const asked = (dpop: RequestQuestion['dpop'], more: Partial<RequestQuestion> = {}): RequestQuestion => ({
  authorization: `DPoP ${token}`,
  method: 'GET',
  url: '/sales?page=2',
  dpop,
  ...more,
})

const dpop = {}

describe('a token that is shown with a proof', () => {
  it('RFC 9449 §7.1 · N7 · passes, whatever the case of the scheme, and however the address is written', async () => {
    const { verifier } = verifierOf(issuer, { dpop })
    for (const scheme of ['DPoP', 'dpop', 'DPOP '])
      expect(
        await verifier.verifyBearer(asked([await proofOf()], { authorization: `${scheme} ${token}` })),
      ).toMatchObject({
        ok: true,
        accessToken: { confirmation: { jkt: key.jkt } },
      })
    for (const htu of [`${API.toUpperCase().replace('HTTPS', 'https')}:443/s%61les#x`, `${API}/x/../sales?y`])
      expect(await verifier.verifyBearer(asked(await proofOf({ htu })))).toMatchObject({ ok: true })
  })

  it('RFC 9449 §7.1 · N7 · is seen from outside: from the base that is set, never from the request', async () => {
    const { verifier } = verifierOf(issuer, { dpop: { baseUrl: 'https://example.com/api/' } })
    const htu = 'https://example.com/api/sales'
    for (const url of ['/sales', 'http://10.0.0.7:8080/sales?x', 'https://evil.example/sales'])
      expect(await verifier.verifyBearer(asked(await proofOf({ htu }), { url }))).toMatchObject({ ok: true })
    expect(await verifier.verifyBearer(asked(await proofOf()))).toMatchObject({ error: 'invalid_dpop_proof' })
  })

  it.each<[string, () => Promise<RequestQuestion['dpop']>]>([
    ['no proof', async () => undefined],
    ['no proof line', async () => []],
    ['two proofs', async () => [await proofOf(), await proofOf()]],
    ['two proofs in one line', async () => `${await proofOf()}, ${await proofOf()}`],
    ['what is no proof', async () => 'no proof'],
    ['no ath', () => proofOf({ ath: undefined })],
    ['the ath of another token', () => proofOf({ ath: athOf(bearer) })],
    ['another method', () => proofOf({ htm: 'POST' })],
    ['another path', () => proofOf({ htu: `${API}/refunds` })],
    ['another host', () => proofOf({ htu: 'https://evil.example/sales' })],
    ['an iat of long ago', () => proofOf({ iat: NOW - 301 })],
    ['an iat of the future', () => proofOf({ iat: NOW + 11 })],
    ['no jti', () => proofOf({ jti: undefined })],
  ])('RFC 9449 §7.1 · N7 · is refused with %s', async (_, make) => {
    const { verifier, events } = verifierOf(issuer, { dpop })
    expect(await verifier.verifyBearer(asked(await make()))).toEqual({
      ok: false,
      status: 401,
      error: 'invalid_dpop_proof',
      headers: {
        'www-authenticate': expect.stringMatching(
          /^DPoP error="invalid_dpop_proof", algs="ES256 [^"]+", Bearer realm="https:\/\/sales\.example\.com"$/,
        ),
      },
    })
    expect(events).toMatchObject([{ error: 'invalid_dpop_proof' }])
  })

  it('RFC 9449 §7.1 · N7 · is refused with the proof of another key, and where it is bound to none', async () => {
    const { verifier, reasons } = verifierOf(issuer, { dpop })
    const refused = { ok: false, status: 401, error: 'invalid_token' }
    expect(await verifier.verifyBearer(asked(await proofOf({}, await makeClientKey())))).toMatchObject(refused)
    const unbound = asked(await proofOf({ ath: athOf(bearer) }), { authorization: `DPoP ${bearer}` })
    expect(await verifier.verifyBearer(unbound)).toMatchObject(refused)
    expect(reasons()[1]).toBe('the token is bound to no key')
  })

  it('RFC 9449 §11.1 · N7 · passes once with a proof, of fifty at the same time too', async () => {
    const { verifier } = verifierOf(issuer, { dpop })
    for (let round = 0; round < 20; round += 1) {
      const question = asked(await proofOf())
      const verdicts = await Promise.all(Array.from({ length: 50 }, () => verifier.verifyBearer(question)))
      expect(verdicts.filter(({ ok }) => ok)).toHaveLength(1)
    }
  })

  it('RFC 9449 §11.1 · N7 · is 503 where nobody knows whether the proof was shown before', async () => {
    const full = createBoundedReplays({ now: () => NOW }, 1)
    const { verifier, clock } = verifierOf(issuer, { dpop: { replays: full } })
    expect(await verifier.verifyBearer(asked(await proofOf()))).toMatchObject({ ok: true })
    await expect(verifier.verifyBearer(asked(await proofOf()))).rejects.toMatchObject({ status: 503 })
    clock.seconds = NOW
    const later = createBoundedReplays({ now: () => NOW + 1000 }, 1)
    expect([await later.claim('a', NOW), await later.claim('a', NOW), await later.claim('b', NOW)]).toEqual([
      true,
      false,
      true,
    ])
  })

  it('RFC 9449 §7.1 · N4, N7 · is told which scopes it lacks', async () => {
    const { verifier } = verifierOf(issuer, { dpop })
    const verdict = await verifier.verifyBearer(asked(await proofOf(), { scopes: ['sales:read', 'sales:refund'] }))
    expect(verdict).toMatchObject({ status: 403, error: 'insufficient_scope' })
    expect(verdict).toMatchObject({
      headers: { 'www-authenticate': expect.stringContaining('scope="sales:read sales:refund"') },
    })
  })

  it('RFC 9449 §6.2 · N7, N8 · may be one that the issuer is asked about', async () => {
    const answer = { active: true, token_type: 'DPoP', ...claimsOf(issuer.issuer, { cnf: { jkt: key.jkt } }) }
    issuer.answers.set(PATHS.introspection, json(answer))
    const introspection = { clientId: 'sales-api', clientSecret: 's3cret' }
    const { verifier } = verifierOf(issuer, { dpop, introspection })
    const opaque = asked(await proofOf({ ath: athOf('opaque') }), { authorization: 'DPoP opaque' })
    expect(await verifier.verifyBearer(opaque)).toMatchObject({ ok: true })
    expect(await verifier.verifyBearer({ authorization: 'Bearer opaque' })).toMatchObject({ error: 'invalid_token' })
  })

  it('RFC 9449 §7.1 · N7 · takes a base that is an address', () => {
    expect(() => verifierOf(issuer, { dpop: { baseUrl: '/api' } })).toThrow('dpop.baseUrl')
    expect(() => verifierOf(issuer, { dpop, audience: 'urn:sales' })).toThrow('dpop.baseUrl')
    expect(() => verifierOf(issuer, { dpop: { replays: {} as never } })).toThrow('dpop.replays')
  })
})

describe('a token that is bound', () => {
  it('RFC 9449 §7.2 · N6 · is no bearer token, be proofs taken or not, and beside a good proof too', async () => {
    for (const options of [{}, { dpop }]) {
      const { verifier } = verifierOf(issuer, options)
      const question = asked(await proofOf(), { authorization: `Bearer ${token}` })
      expect(await verifier.verifyBearer(question)).toMatchObject({ status: 401, error: 'invalid_token' })
    }
    expect(await verifierOf(issuer).verifier.verifyBearer(asked(await proofOf()))).toMatchObject({ status: 401 })
  })

  it('RFC 9449 §7.2 · N2, N3 · is asked for by both challenges', async () => {
    const { verifier } = verifierOf(issuer, { dpop })
    const challengeTo = async (authorization: RequestQuestion['authorization']) => {
      const verdict = await verifier.verifyBearer({ authorization })
      return verdict.ok ? '' : verdict.headers['www-authenticate']
    }
    expect(await challengeTo(undefined)).toMatch(/^Bearer realm="[^"]+", DPoP algs="[^"]+"$/)
    expect(await challengeTo('Bearer x')).toMatch(/^Bearer error="invalid_token", DPoP algs="[^"]+"$/)
    expect(await challengeTo(['Bearer x', 'DPoP x'])).toMatch(/^Bearer error="invalid_request", DPoP algs="[^"]+"$/)
    expect(await verifier.verifyBearer({ authorization: `Bearer ${bearer}` })).toMatchObject({ ok: true })
  })
})

describe('the mounts', () => {
  const headers = async (proof?: string) => ({ authorization: `DPoP ${token}`, dpop: proof ?? (await proofOf()) })

  it('RFC 9449 §7.1 · N7 · verify proofs by one option: Request', async () => {
    const { verifier } = verifierOf(issuer, { dpop })
    const request = new Request('http://10.0.0.7/sales', { headers: await headers() })
    expect(await verifyRequest(verifier, request)).toMatchObject({ ok: true })
    expect(await verifyRequest(verifier, request)).toMatchObject({ ok: false, response: { status: 401 } })
  })

  it('RFC 9449 §7.1 · N7 · verify proofs by one option: Fastify', async () => {
    const { verifier } = verifierOf(issuer, { dpop })
    const app = Fastify()
    await app.register(tokenVerification, { verifier })
    app.get('/sales', { onRequest: app.requireToken() }, async ({ accessToken }) => accessToken.confirmation)
    const address = await app.listen({ port: 0, host: '127.0.0.1' })
    const shown = await headers()
    const first = await fetch(`${address}/sales`, { headers: shown })
    expect([first.status, await first.json()]).toEqual([200, { jkt: key.jkt }])
    expect((await fetch(`${address}/sales`, { headers: shown })).status).toBe(401)
    await app.close()
  })

  it('RFC 9449 §7.1 · N7 · verify proofs by one option: Express, below a router too', async () => {
    const { verifier } = verifierOf(issuer, { dpop })
    const router = express.Router()
    router.get('/', requireToken(verifier), (_, response) => void response.json({}))
    const app = express()
    app.use('/sales', router)
    const server = createServer(app).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.on('listening', resolve))
    const { port } = server.address() as { port: number }
    const shown = await headers()
    expect((await fetch(`http://127.0.0.1:${port}/sales`, { headers: shown })).status).toBe(200)
    expect((await fetch(`http://127.0.0.1:${port}/sales`, { headers: shown })).status).toBe(401)
    server.closeAllConnections()
    server.close()
  })
})
