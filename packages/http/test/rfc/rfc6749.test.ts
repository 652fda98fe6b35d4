import { METHODS } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, listen, sendTo } from '../hosts.ts'
import { lines, type RawAnswer, talk } from '../raw-connection.ts'
import { basic, type ClientId, createTestServer, FORM, type TestServer } from '../test-server.ts'

const GRANT = 'grant_type=client_credentials'
const ENDPOINTS = ['/oauth2/token', '/oauth2/introspect', '/oauth2/revoke']

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

const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<Answer> =>
  sendTo(app.port, { path, body, headers: { 'content-type': FORM, ...headers } })

const asReader = (): Record<string, string> => ({ authorization: basic('reader', test.secrets.reader) })
const errorOf = ({ body }: Answer | RawAnswer): unknown => (JSON.parse(body) as { error?: string }).error

describe('RFC 6749', () => {
  it('RFC 6749 §3.2 · A1, D27 · refuses plain HTTP when the issuer is https', async () => {
    const https = await createTestServer({ issuer: 'https://auth.example.com' })
    const plain = await listen(https.server)
    for (const path of ENDPOINTS) {
      const answer = await sendTo(plain.port, { path, body: GRANT, headers: { 'content-type': FORM } })
      expect({ status: answer.status, error: errorOf(answer) }).toEqual({ status: 400, error: 'invalid_request' })
    }
    await plain.close()
    await https.close()
  })

  it('RFC 6749 §3.2 · A1, D27 · refuses every http issuer that another machine could be meant by', async () => {
    for (const issuer of ['http://auth.example.com', 'http://10.0.0.1', 'http://localhost.example.com'])
      await expect(createTestServer({ issuer })).rejects.toThrow(/must be an https URL/)
  })

  it.each(ENDPOINTS)('RFC 6749 §3.2 · A2, I8 · accepts POST only at %s, and says so in Allow', async (path) => {
    // A method that Node's parser does not know is no HTTP to it, and never gets here.
    const methods = METHODS.filter((method) => !['POST', 'CONNECT', 'HEAD'].includes(method))
    expect(methods).toContain('GET')
    for (const method of methods) {
      const answer = await talk(app.port, lines(`${method} ${path} HTTP/1.1`, ['Host: localhost']))
      expect([method, answer.status]).toEqual([method, 405])
      expect(answer.fields).toContainEqual(['allow', 'POST'])
      expect(errorOf(answer)).toBe('invalid_request')
    }
  })

  it.each([
    ['none', undefined],
    ['application/json', JSON.stringify({ grant_type: 'client_credentials' })],
    ['multipart/form-data; boundary=b', '--b\r\ncontent-disposition: form-data; name="grant_type"\r\n\r\nx\r\n--b--'],
    ['text/plain', GRANT],
  ])('RFC 6749 §4.4.2 · A3 · never reads a body of type %s as a form', async (contentType, body = GRANT) => {
    const headers = contentType === 'none' ? {} : { 'content-type': contentType }
    const answer = await sendTo(app.port, { path: '/oauth2/token', body, headers: { ...asReader(), ...headers } })
    expect({ status: answer.status, error: errorOf(answer) }).toEqual({ status: 400, error: 'invalid_request' })
  })

  it('RFC 6749 §4.4.2 · A3 · tolerates parameters of the content type, a charset of UTF-8 among them', async () => {
    for (const contentType of [`${FORM}; charset=UTF-8`, `${FORM};charset="utf-8"`, `${FORM}; version=1`])
      expect((await post('/oauth2/token', GRANT, { ...asReader(), 'content-type': contentType })).status).toBe(200)
  })

  it('RFC 6749 §3.2 · A4 · answers a charset that it does not read with JSON', async () => {
    for (const charset of ['utf-7', 'x-unknown', 'iso-8859-1']) {
      const answer = await post('/oauth2/token', GRANT, {
        ...asReader(),
        'content-type': `${FORM}; charset=${charset}`,
      })
      expect({ status: answer.status, error: errorOf(answer) }).toEqual({ status: 400, error: 'invalid_request' })
      expect(answer.headers['content-type']).toBe('application/json')
    }
  })

  it('RFC 6749 §2.3.1 · A5 · ignores parameters in the URL', async () => {
    const answer = await post('/oauth2/token?scope=read&grant_type=password&audience=x', GRANT, asReader())
    expect(JSON.parse(answer.body)).toMatchObject({ scope: 'read write' })
  })

  it.each(['client_secret', 'client_assertion', 'token'])(
    'RFC 6749 §2.3.1 · A5 · refuses %s in the URL',
    async (name) => {
      for (const path of ENDPOINTS) {
        const answer = await post(`${path}?${name}=${test.secrets.reader}`, `${GRANT}&token=x`, asReader())
        expect({ status: answer.status, error: errorOf(answer) }).toEqual({ status: 400, error: 'invalid_request' })
      }
    },
  )

  it('RFC 6749 §5.1 · A6 · forbids every cache to keep an answer, good or bad', async () => {
    const answers = [
      await post('/oauth2/token', GRANT, asReader()),
      await post('/oauth2/token', '', asReader()),
      await post('/oauth2/token', GRANT),
      await post('/oauth2/introspect', 'token=x', asReader()),
      await post('/oauth2/introspect', '', asReader()),
      await post('/oauth2/revoke', 'token=x', asReader()),
      await post('/oauth2/revoke', 'token=x'),
      await sendTo(app.port, { method: 'GET', path: '/oauth2/token' }),
      await post('/oauth2/token', 'x'.repeat(65 * 1024)),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 401, 200, 400, 200, 401, 405, 413])
    for (const { headers } of answers)
      expect(headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
  })

  it('RFC 6749 §5.2 · A7 · writes errors as JSON of two members, and repeats nothing that was sent', async () => {
    const answer = await post('/oauth2/token', `${GRANT}&scope=%22needle%22`, asReader())
    expect(answer.headers['content-type']).toBe('application/json')
    expect(Object.keys(JSON.parse(answer.body) as object)).toEqual(['error', 'error_description'])
    expect(answer.body).not.toContain('needle')
    const { error_description } = JSON.parse(answer.body) as { error_description: string }
    expect(error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/)
  })
})

/** Each of these must be answered like every other, by basic and by post. */
const REFUSED: readonly (readonly [why: string, id: string, secretOf: ClientId])[] = [
  ['an unknown client', 'nobody', 'reader'],
  ['a wrong secret', 'reader', 'other'],
  ['an expired secret', 'expired', 'expired'],
  ['a disabled client', 'disabled', 'disabled'],
]
const BY: Record<'basic' | 'post', (id: string, secret: string) => readonly [field: string[], body: string]> = {
  basic: (id, secret) => [[`Authorization: ${basic(id, secret)}`], `${GRANT}&token=x`],
  post: (id, secret) => [[], `${GRANT}&token=x&client_id=${id}&client_secret=${secret}`],
}

describe.each(ENDPOINTS)('RFC 6749 at %s', (path) => {
  it.each(['basic', 'post'] as const)(
    'RFC 6749 §5.2 · C4 · answers all failures by %s with the same names in the same order and the same bytes',
    async (method) => {
      const wrongMethod = ['a wrong method', ...Array(2).fill(method === 'basic' ? 'post-only' : 'basic-only')]
      const cases = [...REFUSED, wrongMethod as unknown as (typeof REFUSED)[number]]
      const answers = []
      for (const [why, id, secretOf] of cases) {
        const [fields, body] = BY[method](id, test.secrets[secretOf])
        const request = lines(`POST ${path} HTTP/1.1`, ['Host: localhost', `Content-Type: ${FORM}`, ...fields], body)
        answers.push({ why, ...(await talk(app.port, request)) })
      }
      expect(answers).toHaveLength(5)
      for (const { why, names, body, fields } of answers) {
        expect([why, names]).toEqual([why, answers[0]?.names])
        expect([why, Buffer.from(body)]).toEqual([why, Buffer.from(answers[0]?.body ?? '')])
        expect([why, withoutDate(fields)]).toEqual([why, withoutDate(answers[0]?.fields ?? [])])
      }
      expect(answers[0]).toMatchObject({ status: 401 })
      expect(answers[0]?.names).toContain('www-authenticate')
    },
  )
})

const withoutDate = (fields: RawAnswer['fields']): RawAnswer['fields'] => fields.filter(([name]) => name !== 'Date')
