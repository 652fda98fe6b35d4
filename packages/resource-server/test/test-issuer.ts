import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JsonObject } from '@latchkey/core'
import { CompactSign, type CryptoKey, exportJWK, generateKeyPair, type JWK } from 'jose'
import { createTokenVerifier, type TokenVerifierOptions, type VerifierEvent } from '../src/index.ts'

export const NOW = 1_800_000_000
export const API = 'https://sales.example.com'

/** A key of an issuer. */
export interface IssuerKey {
  readonly kid: string
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  readonly jwk: JWK
}

/** What the server does with a request, whose body was read. */
export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => unknown

/** An authorization server that can be made to misbehave: metadata, keys and introspection, each an answer that tests replace. */
export interface TestIssuer {
  readonly issuer: string
  /** What the key set holds. */
  readonly keys: IssuerKey[]
  /** The answers by path; what is not there is 404. */
  readonly answers: Map<string, Answer>
  /** The paths that were asked for, in order. */
  readonly asked: string[]
  close(): Promise<void>
}

export const PATHS = {
  metadata: '/.well-known/oauth-authorization-server',
  jwks: '/jwks',
  introspection: '/introspect',
} as const

/** An answer of JSON. */
export const json =
  (document: unknown, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(document))

/** A refusal. */
export const status =
  (code: number): Answer =>
  (_, response) =>
    response.writeHead(code, { 'content-type': 'application/json' }).end('{}')

export async function makeKey(alg: string, kid = `${alg} key`): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

export async function startIssuer(...keys: readonly IssuerKey[]): Promise<TestIssuer> {
  const answers = new Map<string, Answer>()
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const answer = answers.get(path) ?? status(404)
      answer(request, response, Buffer.concat(chunks).toString('latin1'))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const published = [...keys]
  answers.set(
    PATHS.metadata,
    json({ issuer, jwks_uri: `${issuer}${PATHS.jwks}`, introspection_endpoint: `${issuer}${PATHS.introspection}` }),
  )
  answers.set(PATHS.jwks, (request, response, body) =>
    json({ keys: published.map(({ jwk }) => jwk) })(request, response, body),
  )
  return {
    issuer,
    keys: published,
    answers,
    asked,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The claims of a good token. */
export const claimsOf = (issuer: string, changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  iss: issuer,
  aud: API,
  sub: 'nightly-reports',
  client_id: 'nightly-reports',
  iat: NOW - 10,
  exp: NOW + 600,
  jti: 'token-1',
  scope: 'sales:read',
  ...changes,
})

/** Signs whatever it is given; a member that is `undefined` is left out. */
export function sign(
  key: Pick<IssuerKey, 'alg' | 'kid'> & { readonly privateKey: CryptoKey | Uint8Array },
  claims: object | string,
  header: Record<string, unknown> = {},
): Promise<string> {
  const text = typeof claims === 'string' ? claims : JSON.stringify(claims)
  const { crit, ...rest } = { alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header } as JsonObject
  const signing = new CompactSign(new TextEncoder().encode(text)).setProtectedHeader({
    ...JSON.parse(JSON.stringify(crit === undefined ? rest : { ...rest, crit })),
  })
  return signing.sign(key.privateKey, { crit: { exp: true, 'urn:example': true } })
}

/** A verifier whose clock stands still until it is moved, and what it told its operator. */
export function verifierOf(issuer: Pick<TestIssuer, 'issuer'>, options: Partial<TokenVerifierOptions> = {}) {
  const clock = { seconds: NOW, now: () => clock.seconds }
  const events: VerifierEvent[] = []
  const verifier = createTokenVerifier({
    issuer: issuer.issuer,
    audience: API,
    clock,
    onEvent: (event) => events.push(event),
    ...options,
  })
  const reasons = () => events.map((event) => event.reason)
  return { verifier, clock, events, reasons, verify: (token: string) => verifier.verify({ token }) }
}
