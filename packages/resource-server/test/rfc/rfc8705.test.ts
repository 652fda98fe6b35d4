import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:http2'
import { createServer } from 'node:https'
import type { TLSSocket } from 'node:tls'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { tokenVerification } from '../../src/fastify.ts'
import { type MutualTlsOptions, type TokenVerifierOptions, verifyNodeRequest, verifyRequest } from '../../src/index.ts'
import {
  type MadeCertificate,
  makeCertificate,
  type SecureAnswer,
  type SecureClient,
  secureClientOf,
} from '../client-certificate.ts'
import { athOf, type ClientKey, makeClientKey, proofFor } from '../dpop-client.ts'
import { listening, type Mount, withExpress, withFastify } from '../secure-mounts.ts'
import {
  API,
  claimsOf,
  type IssuerKey,
  json,
  makeKey,
  PATHS,
  sign,
  startIssuer,
  type TestIssuer,
  verifierOf,
} from '../test-issuer.ts'

let issuer: TestIssuer
let signing: IssuerKey
let key: ClientKey
let [own, other, server]: MadeCertificate[] = []
/** By what they are bound to. */
let tokens: { readonly certificate: string; readonly both: string; readonly nothing: string; readonly key: string }

const made = (certificate: MadeCertificate | undefined): MadeCertificate => {
  if (certificate === undefined) throw new Error('it is made before the tests')
  return certificate
}

beforeAll(async () => {
  signing = await makeKey('ES256', 'current')
  issuer = await startIssuer(signing)
  key = await makeClientKey()
  ;[own, other, server] = await Promise.all([makeCertificate(), makeCertificate(), makeCertificate()])
  const x5t = { 'x5t#S256': made(own).thumbprint }
  const tokenOf = (cnf?: object) => sign(signing, claimsOf(issuer.issuer, { cnf }))
  tokens = {
    certificate: await tokenOf(x5t),
    both: await tokenOf({ ...x5t, jkt: key.jkt }),
    key: await tokenOf({ jkt: key.jkt }),
    nothing: await tokenOf(),
  }
})
afterAll(() => issuer.close())

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('a token that is bound to a certificate', () => {
  it('RFC 8705 §3 · N6 · passes with that certificate alone', async () => {
    const { verifier, reasons } = verifierOf(issuer, { mutualTls: {} })
    const shown = (certificate?: Uint8Array) => verifier.verifyBearer({ ...bearer(tokens.certificate), certificate })
    expect(await shown(made(own).der)).toMatchObject({
      ok: true,
      accessToken: { confirmation: { x5tS256: made(own).thumbprint } },
    })
    for (const wrong of [undefined, made(other).der, Buffer.from(made(own).cert), new Uint8Array()])
      expect(await shown(wrong)).toEqual({
        ok: false,
        status: 401,
        error: 'invalid_token',
        headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
      })
    expect(reasons()).toEqual([
      'the token is bound to a certificate, and was shown without one',
      'the token is bound to another certificate than that of the client',
      'the certificate of the client is not DER',
      'the certificate of the client is not DER',
    ])
  })

  it('RFC 8705 §3 · N6 · never passes where certificates are not looked at, the right one beside it or not', async () => {
    for (const options of [{}, { dpop: {} }]) {
      const { verifier, reasons } = verifierOf(issuer, options)
      for (const certificate of [undefined, made(own).der])
        expect(await verifier.verifyBearer({ ...bearer(tokens.certificate), certificate })).toMatchObject({
          status: 401,
          error: 'invalid_token',
        })
      expect(new Set(reasons())).toEqual(new Set(['the token is bound to a certificate, and mutualTls is not set']))
    }
  })

  it('RFC 8705 §3.2 · N6 · may be one that the issuer is asked about, and whose answer is kept', async () => {
    const cnf = { 'x5t#S256': made(own).thumbprint }
    issuer.answers.set(PATHS.introspection, json({ active: true, ...claimsOf(issuer.issuer, { cnf }) }))
    const introspection = { clientId: 'sales-api', clientSecret: 's3cret', cacheSeconds: 60 }
    const { verifier } = verifierOf(issuer, { mutualTls: {}, introspection })
    for (const [certificate, status] of [
      [made(own).der, undefined],
      [made(other).der, 401],
      [undefined, 401],
      [made(own).der, undefined],
    ] as const) {
      const verdict = await verifier.verifyBearer({ ...bearer('opaque'), certificate })
      expect(verdict.ok ? undefined : verdict.status).toBe(status)
    }
  })

  it('RFC 8705 §3.2 · N6 · is bound where the issuer alone says so, whatever the signed token says', async () => {
    const cnf = { 'x5t#S256': made(own).thumbprint }
    issuer.answers.set(PATHS.introspection, json({ active: true, ...claimsOf(issuer.issuer, { cnf }) }))
    const introspection = { clientId: 'sales-api', clientSecret: 's3cret', mode: 'always' } as const
    const { verifier } = verifierOf(issuer, { mutualTls: {}, introspection })
    expect(await verifier.verifyBearer(bearer(tokens.nothing))).toMatchObject({ status: 401 })
    const certificate = made(own).der
    expect(await verifier.verifyBearer({ ...bearer(tokens.nothing), certificate })).toMatchObject({ ok: true })
  })

  it('RFC 8705 §3 · N6 · and to a key passes with both, and with neither alone', async () => {
    const { verifier } = verifierOf(issuer, { mutualTls: {}, dpop: {} })
    const ask = async (scheme: string, certificate?: Uint8Array) =>
      verifier.verifyBearer({
        authorization: `${scheme} ${tokens.both}`,
        method: 'GET',
        url: '/sales',
        dpop: await proofFor(key, tokens.both),
        certificate,
      })
    expect(await ask('DPoP', made(own).der)).toMatchObject({ ok: true })
    expect(await ask('DPoP')).toMatchObject({ status: 401, error: 'invalid_token' })
    expect(await ask('DPoP', made(other).der)).toMatchObject({ status: 401, error: 'invalid_token' })
    expect(await ask('Bearer', made(own).der)).toMatchObject({
      status: 401,
      error: 'invalid_token',
      headers: { 'www-authenticate': expect.stringMatching(/^Bearer error="invalid_token", DPoP algs="ES256 /) },
    })
  })

  it('RFC 8705 §3 · N6 · is none that is shown with a proof: it has another scheme', async () => {
    const { verifier, reasons } = verifierOf(issuer, { mutualTls: {}, dpop: {} })
    const dpop = await proofFor(key, tokens.certificate, { ath: athOf(tokens.certificate) })
    const authorization = `DPoP ${tokens.certificate}`
    const question = { authorization, method: 'GET', url: '/sales', dpop, certificate: made(own).der }
    expect(await verifier.verifyBearer(question)).toMatchObject({ status: 401, error: 'invalid_token' })
    expect(reasons()).toEqual(['the token is bound to no key'])
  })

  it.each([
    { 'x5t#S256': '' },
    { 'x5t#S256': 'x'.repeat(43) },
    { 'x5t#S256': 1 },
    { x5tS256: 'A'.repeat(43) },
    { 'x5t#s256': 'A'.repeat(43) },
    { x5t: 'A'.repeat(27) },
    { kid: 'a key' },
    { jwk: { kty: 'EC' } },
    {},
    [],
    null,
  ])('RFC 7800 §3.1 · N9 · is refused when none of what it is bound to is understood: %j', async (cnf) => {
    const { verifier } = verifierOf(issuer, { mutualTls: {}, dpop: {} })
    const token = await sign(signing, claimsOf(issuer.issuer, { cnf }))
    const certificate = made(own).der
    expect(await verifier.verifyBearer({ ...bearer(token), certificate })).toMatchObject({ status: 401 })
    const question = { authorization: `DPoP ${token}`, method: 'GET', url: '/sales', dpop: await proofFor(key, token) }
    expect(await verifier.verifyBearer({ ...question, certificate })).toMatchObject({ status: 401 })
  })

  it('RFC 8705 §3 · N6 · is refused when whoever reads the certificate fails, and the operator hears of it', async () => {
    const ask = async (certificateOf: MutualTlsOptions['certificateOf']) => {
      const { verifier, reasons } = verifierOf(issuer, { mutualTls: { certificateOf: certificateOf as never } })
      const request = new Request('https://sales.example.com/sales', { headers: bearer(tokens.certificate) })
      const verdict = await verifyRequest(verifier, request)
      return [verdict.ok ? 200 : verdict.response.status, reasons()[0]]
    }
    const unread = 'the certificate of the client cannot be read:'
    expect(await ask(() => Promise.reject(new Error('no certificate in it')))).toEqual([
      401,
      `${unread} no certificate in it`,
    ])
    expect(await ask(() => Promise.reject('text' as unknown as Error))).toEqual([
      401,
      `${unread} what is no error was thrown`,
    ])
    expect(await ask(() => made(own).cert as never)).toEqual([401, 'the certificate of the client is not DER'])
    expect(await ask(async () => made(own).der)).toEqual([200, undefined])
  })

  it('RFC 8705 §3 · N6 · asks for no certificate for a token that is bound to none', async () => {
    let asked = 0
    const certificateOf = () => {
      asked += 1
      return undefined
    }
    const { verifier } = verifierOf(issuer, { mutualTls: { certificateOf }, dpop: {} })
    for (const token of [tokens.nothing, tokens.key, tokens.both, 'made-up'])
      await verifyRequest(verifier, new Request(`${API}/sales`, { headers: bearer(token) }))
    expect(asked).toBe(0)
  })
})

describe('an API that takes bound tokens alone', () => {
  it('FAPI 2.0 §5.3.3 · N6 · refuses a token that is bound to nothing', async () => {
    const { verifier, reasons } = verifierOf(issuer, { mutualTls: {}, dpop: {}, boundTokensOnly: true })
    const certificate = made(own).der
    expect(await verifier.verifyBearer({ ...bearer(tokens.nothing), certificate })).toMatchObject({
      status: 401,
      error: 'invalid_token',
    })
    expect(reasons()).toEqual(['the token is bound to nothing'])
    expect(await verifier.verify({ token: tokens.nothing })).toMatchObject({ ok: false })
    expect(await verifier.verifyBearer({ ...bearer(tokens.certificate), certificate })).toMatchObject({ ok: true })
    const proven = { jkt: key.jkt }
    expect(await verifier.verify({ token: tokens.key, proven })).toMatchObject({ ok: true })
  })
})

const answer = (response: ServerResponse, status: number, headers: object, body: string): void =>
  void response.writeHead(status, { ...headers }).end(body)

const plainNode: Mount = (verifier, tls) =>
  createServer(tls, (request, response) => {
    void verifyNodeRequest(verifier, request).then((verdict) => {
      if (verdict.ok) return answer(response, 200, {}, JSON.stringify(verdict.accessToken.confirmation ?? {}))
      answer(response, verdict.response.status, verdict.response.headers, '')
    })
  })

const certificates = new WeakMap<Request, Uint8Array>()

/** As a runtime does that knows the connection of a `Request`. */
const withRequest: Mount = (verifier, tls) =>
  createServer(tls, ({ headers, url, socket }: IncomingMessage, response) => {
    const request = new Request(`https://${headers.host}${url}`, { headers: headers as Record<string, string> })
    certificates.set(request, (socket as TLSSocket).getPeerCertificate(false).raw)
    void verifyRequest(verifier, request).then((verdict) => {
      if (verdict.ok) return answer(response, 200, {}, JSON.stringify(verdict.accessToken.confirmation ?? {}))
      answer(response, verdict.response.status, Object.fromEntries(verdict.response.headers), '')
    })
  })

const MOUNTS: readonly (readonly [string, Mount, MutualTlsOptions])[] = [
  ['Fastify', withFastify, {}],
  ['Express', withExpress, {}],
  ['plain Node', plainNode, {}],
  ['Request', withRequest, { certificateOf: (request: Request) => certificates.get(request) }],
]

describe('the mounts', () => {
  const closing: (() => void)[] = []
  afterEach(() => {
    for (const close of closing.splice(0)) close()
  })

  async function started(mount: Mount, options: Partial<TokenVerifierOptions>): Promise<string> {
    const { url, close } = await listening(mount, verifierOf(issuer, options).verifier, made(server))
    closing.push(close)
    return url
  }

  function clientWith(certificate?: MadeCertificate, keepAlive?: boolean): SecureClient {
    const client = secureClientOf(made(server), certificate, keepAlive)
    closing.push(client.close)
    return client
  }

  it.each(MOUNTS)('RFC 8705 §3 · N6 · take certificate-bound tokens by one option: %s', async (_, mount, mutualTls) => {
    const url = await started(mount, { mutualTls, dpop: {} })
    const [with_, without, stranger] = [clientWith(own), clientWith(), clientWith(other)]
    const body = JSON.stringify({ x5tS256: made(own).thumbprint })
    expect(await with_.get(url, bearer(tokens.certificate))).toMatchObject({ status: 200, body })
    for (const thief of [without, stranger]) {
      const refusal = await thief.get(url, bearer(tokens.certificate))
      expect(refusal).toMatchObject({ status: 401, body: '' })
      expect(refusal.challenge).toMatch(/^Bearer error="invalid_token", DPoP algs="/)
    }
    for (const client of [with_, without])
      expect(await client.get(url, bearer(tokens.nothing))).toMatchObject({ status: 200 })
    const shown = async () => ({ authorization: `DPoP ${tokens.both}`, dpop: await proofFor(key, tokens.both) })
    expect(await with_.get(url, await shown())).toMatchObject({ status: 200 })
    expect(await without.get(url, await shown())).toMatchObject({ status: 401 })
    expect(await with_.get(url, bearer(tokens.both))).toMatchObject({ status: 401 })
  })

  it.each(MOUNTS)('RFC 8705 §3 · N6 · refuse certificate-bound tokens without the option: %s', async (_, mount) => {
    const url = await started(mount, {})
    expect(await clientWith(own).get(url, bearer(tokens.certificate))).toMatchObject({ status: 401 })
  })

  it.each(MOUNTS.slice(0, 3))(
    'RFC 8705 §3 · N6 · know the certificate of a connection that lasts, and of a session that is taken up: %s',
    async (_, mount, mutualTls) => {
      const url = await started(mount, { mutualTls })
      const ask = async (client: SecureClient, times: number): Promise<SecureAnswer[]> => {
        const answers: SecureAnswer[] = []
        for (let time = 0; time < times; time += 1) answers.push(await client.get(url, bearer(tokens.certificate)))
        return answers
      }
      expect((await ask(clientWith(own, true), 3)).map(({ status }) => status)).toEqual([200, 200, 200])
      const resumed = await ask(clientWith(own), 3)
      expect(resumed.map(({ status }) => status)).toEqual([200, 200, 200])
      expect(resumed.some(({ isResumed }) => isResumed)).toBe(true)
      expect((await ask(clientWith(other), 2)).map(({ status }) => status)).toEqual([401, 401])
    },
  )

  it('RFC 8705 §3 · N6 · know the certificate of a connection of HTTP/2', async () => {
    const { cert, key: privateKey } = made(server)
    const tls = { cert, key: privateKey, requestCert: true, rejectUnauthorized: false }
    const app = Fastify({ http2: true, https: tls })
    await app.register(tokenVerification as never, { verifier: verifierOf(issuer, { mutualTls: {} }).verifier })
    app.get('/sales', { onRequest: (app as never as FastifyInstance).requireToken() as never }, async () => 'sold')
    const origin = await app.listen({ port: 0, host: '127.0.0.1' })
    const statusFor = async (certificate: MadeCertificate): Promise<unknown[]> => {
      const session = connect(origin, { ca: cert, cert: certificate.cert, key: certificate.key })
      const statuses: unknown[] = []
      for (let time = 0; time < 2; time += 1) {
        const stream = session.request({ ':path': '/sales', ...bearer(tokens.certificate) })
        const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
        statuses.push(headers[':status'])
        stream.close()
      }
      session.close()
      return statuses
    }
    expect(await statusFor(made(own))).toEqual([200, 200])
    expect(await statusFor(made(other))).toEqual([401, 401])
    await app.close()
  })

  it('RFC 8705 §3 · N6 · read the certificate of a connection once, and again where there was none', async () => {
    const answers: (object | null)[] = [{}, null, { raw: made(own).der }]
    let read = 0
    const socket = {
      getPeerCertificate() {
        read += 1
        return answers[read - 1]
      },
    }
    const { verifier } = verifierOf(issuer, { mutualTls: {} })
    const rawHeaders = ['Authorization', `Bearer ${tokens.certificate}`]
    const passed: boolean[] = []
    for (let time = 0; time < 5; time += 1)
      passed.push((await verifyNodeRequest(verifier, { rawHeaders, headers: {}, socket })).ok)
    expect([passed, read]).toEqual([[false, false, true, true, true], 3])
  })

  it('RFC 8705 §3 · N6 · read no certificate from what a client says in a header', async () => {
    const url = await started(plainNode, { mutualTls: {} })
    const base64 = made(own).der.toString('base64')
    const pem = encodeURIComponent(made(own).cert)
    const forged = {
      'client-cert': `:${base64}:`,
      'x-forwarded-client-cert': `Cert="${pem}"`,
      'x-ssl-client-cert': pem,
      'ssl-client-cert': pem,
    }
    expect(await clientWith().get(url, { ...bearer(tokens.certificate), ...forged })).toMatchObject({ status: 401 })
  })
})
