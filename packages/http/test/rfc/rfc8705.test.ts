import { Agent } from 'node:https'
import { connect as connectTls } from 'node:tls'
import { defineClient } from '@latchkey/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFetchHandler } from '../../src/fetch.ts'
import { type CertifiedClients, certificatesOf, type ForwardedRequest, forwardedBy } from '../certified-clients.ts'
import { listen, sendTo } from '../hosts.ts'
import { lines, talk } from '../raw-connection.ts'
import { basic, createTestServer, FORM, ISSUER, type TestServer } from '../test-server.ts'
import { CERT, KEY } from '../tls-key-pair.ts'
import { sendOverTls, thumbprintOf, tokenRequestOf } from '../tls-requests.ts'

let test: TestServer
let made: CertifiedClients

beforeAll(async () => {
  made = await certificatesOf()
  test = await createTestServer({ mutualTls: {} })
  for (const client of made.clients) await test.storage.clients.add(client)
})

afterAll(async () => {
  await test.close()
  await made.remove()
})

type Listening = Awaited<ReturnType<typeof listen>>

describe.each([
  ['past the framework', true],
  ['through Fastify', false],
])('the own listener, %s', (_way, direct) => {
  let app: Listening
  let withoutAuthorities: Listening

  beforeAll(async () => {
    const tls = { cert: CERT, key: KEY }
    app = await listen(test.server, { direct, tls: { ...tls, clientCertificates: { ca: made.ca } } })
    withoutAuthorities = await listen(test.server, { direct, tls: { ...tls, clientCertificates: { ca: undefined } } })
  })
  afterAll(async () => {
    await app.close()
    await withoutAuthorities.close()
  })

  it('RFC 8705 §2.1 · C42, C43, C45 · knows a client by the name in a certificate of its authorities', async () => {
    for (const clientId of ['by-subject', 'by-dns'])
      expect(await sendOverTls({ port: app.port, shown: made.named, body: tokenRequestOf(clientId) })).toMatchObject({
        status: 200,
        json: { token_type: 'Bearer' },
      })
  })

  it.each([
    ['no certificate', () => undefined],
    ['one of another authority with the same name', () => made.ofOthers],
    ['one that it signed itself', () => made.selfSigned],
    ['one that has expired', () => made.expired],
    ['one that is for servers', () => made.forServers],
    ['one with another name', () => made.otherNamed],
  ])('RFC 8705 §2 · C45 · takes the connection of a client with %s, and believes no name', async (_, shownBy) => {
    const shown = shownBy()
    const answer = await sendOverTls({ port: app.port, shown, body: tokenRequestOf('by-subject') })
    expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
    const headers = { authorization: basic('reader', test.secrets.reader) }
    const asReader = await sendOverTls({ port: app.port, shown, headers, body: 'grant_type=client_credentials' })
    expect(asReader.status).toBe(200)
  })

  it('RFC 8705 §2.2 · C44 · knows a client by the certificate that it signed itself, with authorities and without', async () => {
    const statusOf = async (port: number, shown = made.selfSigned) =>
      (await sendOverTls({ port, shown, body: tokenRequestOf('self-signed') })).status
    expect(await statusOf(app.port)).toBe(200)
    expect(await statusOf(withoutAuthorities.port)).toBe(200)
    expect(await statusOf(app.port, made.named)).toBe(401)
    expect(await statusOf(withoutAuthorities.port, made.alike)).toBe(401)
  })

  it('RFC 8705 §2 · C45 · believes no name where there are no authorities', async () => {
    const { port } = withoutAuthorities
    expect((await sendOverTls({ port, shown: made.named, body: tokenRequestOf('by-subject') })).status).toBe(401)
  })

  it('RFC 8705 §2 · C40 · wants the client_id in the form', async () => {
    const answer = await sendOverTls({ port: app.port, shown: made.named, body: 'grant_type=client_credentials' })
    expect(answer.json).toMatchObject({ error: 'invalid_client' })
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'RFC 8705 §2 · C45 · keeps to the certificate of a session that is taken up again by %s',
    async (version) => {
      for (const [shown, clientId, status] of [
        [made.named, 'by-subject', 200],
        [made.selfSigned, 'self-signed', 200],
        [made.selfSigned, 'by-subject', 401],
        [made.expired, 'by-subject', 401],
        [undefined, 'by-subject', 401],
      ] as const) {
        // The agent closes each connection after its request, and keeps the session.
        const agent = new Agent({ maxCachedSessions: 1 })
        const ask = () => sendOverTls({ port: app.port, version, agent, shown, body: tokenRequestOf(clientId) })
        expect(await ask()).toMatchObject({ status, isResumed: false })
        expect(await ask()).toMatchObject({ status, isResumed: true })
        agent.destroy()
      }
    },
  )

  it('RFC 8705 §3 · C46, C47 · binds tokens to the certificate, and says so by introspection', async () => {
    const headers = { authorization: basic('bound', made.boundSecret) }
    const body = 'grant_type=client_credentials'
    const answer = await sendOverTls({ port: app.port, shown: made.selfSigned, headers, body })
    const token = String(answer.json['access_token'])
    const introspection = await sendOverTls({
      port: app.port,
      path: '/oauth2/introspect',
      headers,
      body: `token=${token}`,
    })
    expect(introspection.json).toMatchObject({ active: true, cnf: { 'x5t#S256': thumbprintOf(made.selfSigned) } })
    const bare = await sendOverTls({ port: app.port, headers, body })
    expect(bare).toMatchObject({ status: 400, json: { error: 'invalid_request' } })
  })

  it('RFC 9700 §4.13 · A12, C49 · looks at no header of anybody', async () => {
    const headers = forwardedBy('rfc9440', made.named)
    expect((await sendOverTls({ port: app.port, headers, body: tokenRequestOf('by-subject') })).status).toBe(401)
  })

  it('RFC 8705 §2 · C45 · lets a client become nobody else in the middle of a connection', async () => {
    const socket = connectTls({
      port: app.port,
      host: '127.0.0.1',
      ca: CERT,
      servername: 'localhost',
      maxVersion: 'TLSv1.2',
    })
    await new Promise((resolve) => socket.once('secureConnect', resolve))
    const failure = await new Promise<Error | null>((resolve) => {
      socket.on('error', resolve)
      socket.renegotiate({}, resolve)
    })
    expect(failure?.message).toMatch(/no.renegotiation/i)
    socket.destroy()
  })
})

describe('without being asked to', () => {
  it('RFC 8705 §2 · C45 · the own listener asks nobody for a certificate', async () => {
    const app = await listen(test.server, { tls: { cert: CERT, key: KEY } })
    expect((await sendOverTls({ port: app.port, shown: made.named, body: tokenRequestOf('by-subject') })).status).toBe(
      401,
    )
    await app.close()
  })

  it.each(['rfc9440', 'envoy', 'nginx'] as const)(
    'RFC 9700 §4.13 · A12, C49 · no trusted proxy is believed that forwards a certificate as %s does',
    async (form) => {
      const app = await listen(test.server, { trustedProxies: ['127.0.0.1'] })
      const headers = { 'content-type': FORM, ...forwardedBy(form, made.named), 'ssl-client-verify': 'SUCCESS' }
      for (const clientId of ['by-subject', 'self-signed'])
        expect(
          (await sendTo(app.port, { path: '/oauth2/token', headers, body: tokenRequestOf(clientId) })).status,
        ).toBe(401)
      await app.close()
    },
  )
})

describe.each([
  ['rfc9440', true],
  ['rfc9440', false],
  ['envoy', true],
  ['envoy', false],
  ['nginx', true],
  ['nginx', false],
] as const)('a proxy that forwards certificates as %s does, past the framework: %s', (form, direct) => {
  let app: Listening
  let ofOthers: Listening
  let silent: Listening

  beforeAll(async () => {
    const believing = { direct, mutualTls: { forwarded: { form, verifyHeader: 'ssl-client-verify' } } }
    app = await listen(test.server, { ...believing, trustedProxies: ['127.0.0.1'] })
    ofOthers = await listen(test.server, { ...believing, trustedProxies: ['10.0.0.0/8'] })
    silent = await listen(test.server, {
      direct,
      trustedProxies: ['127.0.0.1'],
      mutualTls: { forwarded: { form, verifyHeader: undefined } },
    })
  })
  afterAll(async () => {
    for (const each of [app, ofOthers, silent]) await each.close()
  })

  const ask = (fields: ForwardedRequest, clientId: string, port = app.port) =>
    sendTo(port, {
      path: '/oauth2/token',
      headers: { 'content-type': FORM, ...fields },
      body: tokenRequestOf(clientId),
    })
  const VERIFIED = { 'ssl-client-verify': 'SUCCESS' }

  it('RFC 8705 §6.5 · C49 · proves a name when it says that it has verified the certificate', async () => {
    expect((await ask({ ...forwardedBy(form, made.named), ...VERIFIED }, 'by-subject')).status).toBe(200)
  })

  it.each<[string, ForwardedRequest]>([
    ['says nothing of that', {}],
    ['has not verified it', { 'ssl-client-verify': 'FAILED:self-signed certificate' }],
    ['says that there is none', { 'ssl-client-verify': 'NONE' }],
    ['says something alike', { 'ssl-client-verify': 'success' }],
    ['says it under another name', { ssl_client_verify: 'SUCCESS', 'x-ssl-client-verify': 'SUCCESS' }],
  ])('RFC 8705 §6.5 · C45, C49 · proves no name when it %s', async (_, said) => {
    expect((await ask({ ...forwardedBy(form, made.forged), ...said }, 'by-subject')).status).toBe(401)
  })

  it('RFC 8705 §6.5 · C44, C49 · shows a self-signed certificate whether it has verified it or not', async () => {
    const fields = { ...forwardedBy(form, made.selfSigned), 'ssl-client-verify': 'FAILED:self-signed certificate' }
    expect((await ask(fields, 'self-signed')).status).toBe(200)
    expect((await ask(fields, 'self-signed', silent.port)).status).toBe(200)
  })

  it('RFC 8705 §6.5 · C49 · proves no name by a header that was not configured', async () => {
    const fields = { ...forwardedBy(form, made.named), ...VERIFIED }
    expect((await ask(fields, 'by-subject', silent.port)).status).toBe(401)
  })

  it('RFC 9700 §4.13 · A12, C49 · is believed when it is configured, and nobody else is', async () => {
    const fields = { ...forwardedBy(form, made.selfSigned), ...VERIFIED }
    expect((await ask(fields, 'self-signed', ofOthers.port)).status).toBe(401)
    const garbage = Object.fromEntries(Object.keys(fields).map((name) => [name, 'garbage']))
    const asReader = { ...garbage, authorization: basic('reader', test.secrets.reader) }
    const body = 'grant_type=client_credentials'
    const headers = { 'content-type': FORM, ...asReader }
    expect((await sendTo(ofOthers.port, { path: '/oauth2/token', headers, body })).status).toBe(200)
  })

  it('RFC 9700 §4.13 · A12, C49 · is not understood by the header of another form, nor by one that is spelt alike', async () => {
    const own = forwardedBy(form, made.selfSigned)
    for (const other of ['rfc9440', 'envoy', 'nginx'] as const)
      if (other !== form) expect((await ask(forwardedBy(other, made.selfSigned), 'self-signed')).status).toBe(401)
    const underscored = Object.fromEntries(
      Object.entries(own).map(([name, value]) => [name.replaceAll('-', '_'), value]),
    )
    expect((await ask(underscored, 'self-signed')).status).toBe(401)
  })

  it('RFC 8705 §2 · C45 · is somebody without a certificate when it sends no header', async () => {
    expect((await ask(VERIFIED, 'by-subject')).status).toBe(401)
  })

  it('RFC 9110 §5.3 · A10, C49 · is refused with a certificate, or a word on it, in two lines', async () => {
    const own = Object.entries(forwardedBy(form, made.named)).map(([name, value]) => `${name}: ${value}`)
    const verified = 'Ssl-Client-Verify: SUCCESS'
    const start = 'POST /oauth2/token HTTP/1.1'
    const fields = ['Host: localhost', `Content-Type: ${FORM}`, ...own, verified]
    const statusOf = async (more: readonly string[]) => {
      const { status, body } = await talk(app.port, lines(start, [...fields, ...more], tokenRequestOf('by-subject')))
      return [status, (JSON.parse(body) as { readonly error?: string }).error]
    }
    expect(await statusOf([])).toEqual([200, undefined])
    expect(
      await statusOf(own.map((line) => line.toUpperCase().slice(0, line.indexOf(':')) + line.slice(line.indexOf(':')))),
    ).toEqual([400, 'invalid_request'])
    expect(await statusOf([verified])).toEqual([400, 'invalid_request'])
    expect(await statusOf(['ssl-client-verify: FAILED'])).toEqual([400, 'invalid_request'])
  })

  it('RFC 8705 §6.5 · C49 · is refused with what is not one certificate', async () => {
    const [[name, value] = ['', '']] = Object.entries(forwardedBy(form, made.named))
    for (const wrong of [
      'garbage',
      `${value}, ${value}`,
      `${value},${value.slice(0, -9)}`,
      value.slice(0, -40),
      ` ${value};x`,
      value.replace('MII', 'M!I'),
      made.named.cert.replaceAll('\n', ' '),
      ...(form === 'rfc9440'
        ? []
        : Object.values(forwardedBy(form, { ...made.named, cert: made.named.cert.repeat(2) }))),
      ...Object.values(forwardedBy(form, { ...made.named, cert: made.withMoreBehind })),
    ]) {
      const answer = await ask({ [name]: wrong, ...VERIFIED }, 'by-subject')
      expect([answer.status, answer.body, wrong]).toEqual([
        400,
        '{"error":"invalid_request","error_description":"the forwarded client certificate cannot be read"}',
        wrong,
      ])
    }
  })
})

describe('a proxy that connects by TLS of its own', () => {
  it('RFC 8705 §6.5 · C49 · is never taken for its clients, whatever certificate it has', async () => {
    const app = await listen(test.server, {
      tls: { cert: CERT, key: KEY, clientCertificates: { ca: made.ca } },
      trustedProxies: ['127.0.0.1'],
      mutualTls: { forwarded: { form: 'rfc9440', verifyHeader: 'ssl-client-verify' } },
    })
    const ofProxy = { port: app.port, shown: made.named }
    expect((await sendOverTls({ ...ofProxy, body: tokenRequestOf('by-subject') })).status).toBe(401)
    const headers = forwardedBy('rfc9440', made.selfSigned)
    expect((await sendOverTls({ ...ofProxy, headers, body: tokenRequestOf('self-signed') })).status).toBe(200)
    await app.close()
  })
})

describe('the fetch handler', () => {
  it('RFC 8705 §2 · C45, C46 · takes the certificate that its host tells', async () => {
    const request = (clientId: string) =>
      new Request(`${ISSUER}/oauth2/token`, {
        method: 'POST',
        headers: { 'content-type': FORM },
        body: tokenRequestOf(clientId),
      })
    const der = Buffer.from(forwardedBy('rfc9440', made.named)['client-cert'] ?? '', 'base64')
    const told = (isVerified: boolean) =>
      createFetchHandler(test.server, { clientCertificate: () => ({ der, isVerified }) })
    expect((await told(true)(request('by-subject'))).status).toBe(200)
    expect((await told(false)(request('by-subject'))).status).toBe(401)
    expect((await createFetchHandler(test.server)(request('by-subject'))).status).toBe(401)
  })
})

describe('a client with a secret', () => {
  it('RFC 8705 §2 · C45 · is not known by its certificate', async () => {
    await test.storage.clients.add(defineClient({ id: 'reader-too', scopes: { read: true } }))
    const app = await listen(test.server, { tls: { cert: CERT, key: KEY, clientCertificates: { ca: made.ca } } })
    expect((await sendOverTls({ port: app.port, shown: made.named, body: tokenRequestOf('reader-too') })).status).toBe(
      401,
    )
    await app.close()
  })
})
