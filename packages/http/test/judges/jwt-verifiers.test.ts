import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SharedSecret, SigningAlgorithm } from '@latchkey/core'
import { JwtVerifier } from 'aws-jwt-verify'
import { SimpleJwksCache } from 'aws-jwt-verify/jwk'
import { expressjwt, type GetVerificationKey } from 'express-jwt'
import { auth } from 'express-oauth2-jwt-bearer'
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import jwksRsa from 'jwks-rsa'
import * as oauth from 'oauth4webapi'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { type JudgedKeys, startJudgedKeys } from './judged-keys.ts'

const audience = 'https://api.example.com'

/** Verifies a token, and says whose it is; rejects one that it does not take. */
type Verify = (token: string) => Promise<unknown>

/** What others wrote, made once for an issuer and never again: it follows a rotation by itself. */
type Judge = (issuer: string, alg: SigningAlgorithm) => Verify | Promise<Verify>

/** Runs a middleware of Express as Express would. */
const asVerify =
  (
    middleware: (request: never, response: never, next: (error?: unknown) => void) => unknown,
    clientOf: (request: Record<string, unknown>) => unknown,
  ): Verify =>
  (token) =>
    new Promise((resolve, reject) => {
      const request = {
        method: 'GET',
        url: '/',
        headers: { authorization: `Bearer ${token}`, host: 'api.example.com' },
        protocol: 'https',
        originalUrl: '/',
        get: (name: string) => (name.toLowerCase() === 'host' ? 'api.example.com' : undefined),
        app: { get: () => undefined },
        query: {},
        body: {},
        is: () => false,
      }
      const next = (error?: unknown): void =>
        error === undefined ? resolve(clientOf(request)) : reject(error instanceof Error ? error : new Error('refused'))
      void middleware(request as unknown as IncomingMessage as never, {} as ServerResponse as never, next)
    })

const jose: Judge = (issuer) => {
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), { cooldownDuration: 0 })
  return async (token) => (await jwtVerify(token, keys, { issuer, audience, typ: 'at+jwt' })).payload['client_id']
}

const oauth4webapi: Judge = async (issuer, alg) => {
  const insecure = { [oauth.allowInsecureRequests]: true }
  const url = new URL(issuer)
  const server = await oauth.processDiscoveryResponse(
    url,
    await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...insecure }),
  )
  return async (token) => {
    const request = new Request('https://api.example.com/', { headers: { authorization: `Bearer ${token}` } })
    // For the same object it would keep the keys of before for a minute, which a test does not wait for.
    const claims = await oauth.validateJwtAccessToken({ ...server }, request, audience, {
      ...insecure,
      signingAlgorithms: [alg],
    })
    return claims.client_id
  }
}

const expressOauth2JwtBearer: Judge = (issuer, alg) =>
  asVerify(
    auth({ issuerBaseURL: issuer, audience, tokenSigningAlg: alg, strict: true, cooldownDuration: 0 }) as never,
    (request) => (request['auth'] as { payload: { client_id: unknown } }).payload.client_id,
  )

const awsJwtVerify: Judge = (issuer) => {
  const fetcher = { fetch: async (uri: string) => (await fetch(uri)).arrayBuffer() }
  const verifier = JwtVerifier.create(
    { issuer, audience, jwksUri: `${issuer}/.well-known/jwks.json` },
    { jwksCache: new SimpleJwksCache({ fetcher }) },
  )
  return async (token) => (await verifier.verify(token))['client_id']
}

const jwksRsaWithExpressJwt: Judge = (issuer, alg) =>
  asVerify(
    expressjwt({
      secret: jwksRsa.expressJwtSecret({
        jwksUri: `${issuer}/.well-known/jwks.json`,
        cache: true,
      }) as GetVerificationKey,
      audience,
      issuer,
      algorithms: [alg as 'ES256'],
    }) as never,
    (request) => (request['auth'] as { client_id: unknown }).client_id,
  )

const RSA_AND_EC = ['ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512'] as const
const PSS = ['PS256', 'PS384', 'PS512'] as const

/** Every judge, and the algorithms that it knows. */
const JUDGES: readonly (readonly [name: string, judge: Judge, algorithms: readonly SigningAlgorithm[]])[] = [
  ['jose, createRemoteJWKSet', jose, [...RSA_AND_EC, ...PSS, 'EdDSA', 'Ed25519']],
  ['oauth4webapi, validateJwtAccessToken', oauth4webapi, [...RSA_AND_EC, ...PSS, 'EdDSA', 'Ed25519']],
  ['express-oauth2-jwt-bearer', expressOauth2JwtBearer, [...RSA_AND_EC, ...PSS, 'EdDSA']],
  ['aws-jwt-verify', awsJwtVerify, [...RSA_AND_EC, 'EdDSA']],
  ['jwks-rsa with express-jwt', jwksRsaWithExpressJwt, [...RSA_AND_EC, ...PSS]],
]

let service: JudgedKeys | undefined

afterEach(async () => {
  await service?.close()
  service = undefined
})

/** The last character of a signature counts in part only; the one before it does as a whole. */
const withAnotherSignature = (token: string): string => {
  const at = token.length - 10
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
}

describe('tokens that others verify', () => {
  // What a storage makes of a key depends on its type, and no verifier can tell storages apart.
  const onStorage: readonly SigningAlgorithm[] = ['ES256', 'EdDSA', 'RS256']
  const algorithms =
    inject('storageUnderTest') === undefined ? new Set(JUDGES.flatMap(([, , known]) => known)) : onStorage

  it.each([...algorithms])('are accepted before and after a rotation, without a restart: %s', async (alg) => {
    const started = await startJudgedKeys(alg)
    service = started
    const judges = JUDGES.filter(([, , known]) => known.includes(alg))
    const before = await started.token()
    const verifiers: (readonly [string, Verify])[] = []
    for (const [name, judge] of judges) verifiers.push([name, await judge(started.issuer, alg)])
    for (const [name, verify] of verifiers) expect([name, await verify(before)]).toEqual([name, 'machine'])

    await started.rotate()
    const after = await started.token()
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid)
    for (const [name, verify] of verifiers) {
      expect([name, await verify(after)]).toEqual([name, 'machine'])
      expect([name, await verify(before)]).toEqual([name, 'machine'])
      await expect(verify(withAnotherSignature(after))).rejects.toBeInstanceOf(Error)
    }
  })

  it.each([
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ] as const)('are accepted where a secret is shared: %s', async (alg, bytes) => {
    const shared: SharedSecret = { secret: 'x'.repeat(bytes), alg }
    service = await startJudgedKeys(shared)
    const { issuer } = service
    const token = await service.token()
    const bearer = asVerify(
      auth({ issuer, audience, secret: shared.secret, tokenSigningAlg: alg, strict: true }) as never,
      (request) => (request['auth'] as { payload: { client_id: unknown } }).payload.client_id,
    )
    const express = asVerify(
      expressjwt({ secret: shared.secret, audience, issuer, algorithms: [alg] }) as never,
      (request) => (request['auth'] as { client_id: unknown }).client_id,
    )
    for (const verify of [bearer, express]) {
      expect(await verify(token)).toBe('machine')
      await expect(verify(withAnotherSignature(token))).rejects.toBeInstanceOf(Error)
    }
  })
})
