import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, listen, sendTo } from '../hosts.ts'
import { connectTo, field, lines, talk, untilClosed } from '../raw-connection.ts'
import { basic, createTestServer, FORM, ISSUER, type TestServer } from '../test-server.ts'

const GRANT = 'grant_type=client_credentials'
const POST = 'POST /oauth2/token HTTP/1.1'

let test: TestServer
let app: Awaited<ReturnType<typeof listen>>

beforeAll(async () => {
  test = await createTestServer()
  app = await listen(test.server)
})

afterAll(async () => {
  await app.close()
  await test.close()
})

const errorOf = ({ body }: { readonly body: string }): unknown => (JSON.parse(body) as { error?: string }).error
const wellFormed = (): string[] => [
  'Host: localhost',
  `Content-Type: ${FORM}`,
  `Authorization: ${basic('reader', test.secrets.reader)}`,
]

describe('RFC 9110', () => {
  it('RFC 9110 §15.5.6 · A2 · names the methods of a document in Allow, and answers HEAD as GET without a body', async () => {
    const path = '/.well-known/oauth-authorization-server'
    const [get, head] = [
      await talk(app.port, lines(`GET ${path} HTTP/1.1`, ['Host: localhost'])),
      await talk(app.port, lines(`HEAD ${path} HTTP/1.1`, ['Host: localhost'])),
    ]
    expect([get.status, head.status, head.body]).toEqual([200, 200, ''])
    expect(head.names).toEqual(get.names)
    expect(field(head, 'content-length')).toBe(field(get, 'content-length'))
    const posted = await talk(app.port, lines(`POST ${path} HTTP/1.1`, ['Host: localhost']))
    expect([posted.status, field(posted, 'allow')]).toEqual([405, 'GET, HEAD'])
  })

  it('RFC 9110 §15.6 · A8 · answers an unforeseen fault with server_error and nothing else', async () => {
    const broken = await createTestServer({
      claims: () => {
        throw new Error('needle in the stack')
      },
    })
    const host = await listen(broken.server)
    const answer = await sendTo(host.port, {
      path: '/oauth2/token',
      body: GRANT,
      headers: { 'content-type': FORM, authorization: basic('reader', broken.secrets.reader) },
    })
    expect(answer.status).toBe(500)
    expect(errorOf(answer)).toBe('server_error')
    expect(answer.body).not.toMatch(/needle|at /)
    await host.close()
    await broken.close()
  })

  it('RFC 9110 §15.6.4 · A8 · answers an outage of the storage with 503 and Retry-After', async () => {
    const { storage } = test
    const down = () => Promise.reject(new Error('needle: the backend is away'))
    const away = await createTestServer({ tokens: { ...storage.tokens, save: down, find: down, revoke: down } })
    const host = await listen(away.server)
    const headers = { 'content-type': FORM, authorization: basic('reader', away.secrets.reader) }
    const { value } = await test.server.createToken({
      client: (await storage.clients.find('reader')) as never,
      scopes: [],
    })
    const answers: Answer[] = []
    for (const [path, body] of [
      ['/oauth2/token', GRANT],
      ['/oauth2/introspect', `token=${value}`],
      ['/oauth2/revoke', `token=${value}`],
    ] as const)
      answers.push(await sendTo(host.port, { path, body, headers }))
    for (const answer of answers) {
      expect({ status: answer.status, error: errorOf(answer) }).toEqual({
        status: 503,
        error: 'temporarily_unavailable',
      })
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
      expect(answer.body).not.toContain('needle')
    }
    await host.close()
    await away.close()
  })

  it('RFC 9110 §15.5.14 · A9 · refuses too large a body by its announced length, before a byte of it has come', async () => {
    const socket = await connectTo(app.port)
    const answer = untilClosed(socket)
    socket.write(`${POST}\r\nHost: localhost\r\nContent-Type: ${FORM}\r\nContent-Length: 65537\r\n\r\n`)
    const text = await answer
    socket.destroy()
    expect(text).toMatch(/^HTTP\/1\.1 413 /)
    expect(text).toMatch(/\r\nconnection: close\r\n/i)
    expect(text).toContain('"error":"invalid_request"')
  })

  it('RFC 9110 §10.1.1 · A9 · does not ask for a body that it is going to refuse', async () => {
    const socket = await connectTo(app.port)
    const answer = untilClosed(socket)
    socket.write(`${POST}\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 65537\r\n\r\n`)
    expect(await answer).toMatch(/^HTTP\/1\.1 413 /)
    socket.destroy()
  })

  it('RFC 9112 §7.1 · A9 · refuses a body in chunks as soon as it is too large, and closes the connection', async () => {
    const socket = await connectTo(app.port)
    const answer = untilClosed(socket)
    socket.write(`${POST}\r\nHost: localhost\r\nContent-Type: ${FORM}\r\nTransfer-Encoding: chunked\r\n\r\n`)
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`
    let sent = 0
    // It never ends by itself: only the refusal ends it.
    const sending = setInterval(() => {
      sent += 1
      if (socket.writable) socket.write(chunk)
    }, 5)
    const text = await answer
    clearInterval(sending)
    socket.destroy()
    expect(text).toMatch(/^HTTP\/1\.1 413 /)
    expect(text).toMatch(/\r\nconnection: close\r\n/i)
    expect(sent).toBeLessThan(100)
  })

  it('RFC 9112 §6.3 · A9 · reads as much as was announced, and takes what follows for no request', async () => {
    const body = `${GRANT}&x=y`
    const request = [POST, ...wellFormed(), `Content-Length: ${GRANT.length}`, '', body].join('\r\n')
    const answer = await talk(app.port, request)
    expect(answer.text).not.toContain('<')
    expect(answer.text).toContain('"error":"invalid_request"')
  })

  it.each([
    ['Authorization', (line: string) => line],
    ['Content-Type', (line: string) => line],
    ['Host', (line: string) => line],
    ['host', (line: string) => line],
  ])('RFC 9110 §5.3 · A10 · refuses a second line of %s, equal or not, before authentication', async (name) => {
    const value = wellFormed()
      .find((line) => line.toLowerCase().startsWith(name.toLowerCase()))
      ?.split(': ')[1]
    for (const second of [`${name}: ${value}`, `${name}: other`]) {
      const answer = await talk(app.port, lines(POST, [...wellFormed(), second], GRANT))
      expect([second, answer.status, errorOf(answer)]).toEqual([second, 400, 'invalid_request'])
    }
  })

  it('RFC 9112 §6.3 · A10 · refuses a second Content-Length', async () => {
    const answer = await talk(app.port, lines(POST, [...wellFormed(), `Content-Length: ${GRANT.length}`], GRANT))
    expect([answer.status, errorOf(answer)]).toEqual([400, 'invalid_request'])
  })

  it('RFC 9112 §3.2 · A10 · refuses a request without Host', async () => {
    const answer = await talk(app.port, lines(POST, wellFormed().slice(1), GRANT))
    expect([answer.status, errorOf(answer)]).toEqual([400, 'invalid_request'])
  })

  it('RFC 9110 §15.5 · A13 · answers whatever cannot be read in JSON, never in HTML', async () => {
    const answers = [
      [400, 'nonsense\r\n\r\n'],
      [400, 'GET / HTTP/9.9\r\n\r\n'],
      [400, 'GET\u0001 / HTTP/1.1\r\n\r\n'],
      [431, `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
      [431, `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
      [400, lines('GET /%zz HTTP/1.1', ['Host: localhost'])],
      [404, lines('GET /%3Cscript%3E HTTP/1.1', ['Host: localhost'])],
      [417, lines(POST, ['Host: localhost', 'Expect: wonders'])],
    ] as const
    for (const [status, request] of answers) {
      const answer = await talk(app.port, request)
      expect([request.slice(0, 30), answer.status]).toEqual([request.slice(0, 30), status])
      expect(errorOf(answer)).toBe('invalid_request')
      expect(field(answer, 'content-type')).toBe('application/json')
      expect(field(answer, 'x-content-type-options')).toBe('nosniff')
      expect(answer.text).not.toContain('<')
    }
  })

  it('RFC 9110 §10.2.4 · A13 · says with every answer that its type is meant, and with none what software it is', async () => {
    for (const request of [
      lines(POST, wellFormed(), GRANT),
      lines(POST, ['Host: localhost']),
      lines('GET /.well-known/oauth-authorization-server HTTP/1.1', ['Host: localhost']),
      lines('GET /health/live HTTP/1.1', ['Host: localhost']),
      lines('GET /health/ready HTTP/1.1', ['Host: localhost']),
      lines('GET /nothing HTTP/1.1', ['Host: localhost']),
    ]) {
      const { fields, names } = await talk(app.port, request)
      expect(fields).toContainEqual(['x-content-type-options', 'nosniff'])
      for (const name of names) expect(['server', 'x-powered-by', 'via']).not.toContain(name.toLowerCase())
    }
  })

  it('RFC 9112 §3.2.2 · A13 · accepts a target in absolute form', async () => {
    const answer = await talk(app.port, lines(`POST ${ISSUER}/oauth2/token HTTP/1.1`, wellFormed(), GRANT))
    expect(answer.status).toBe(200)
  })
})
