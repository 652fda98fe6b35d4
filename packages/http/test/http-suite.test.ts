import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { preparedProofs } from './dpop-proofs.ts'
import { type Answer, allHosts, type Host, type Sent } from './hosts.ts'
import { FASTIFY_ALONE, type Given, type HttpCase, httpSuite } from './http-suite.ts'
import { storageName } from './storages/storage-under-test.ts'
import { basic, createTestServer, FORM, ISSUER, type TestServer } from './test-server.ts'

const POSTGRES = expect.stringMatching(/^postgres(?:ql)?:/) as string
const REDIS = expect.stringMatching(/^rediss?:/) as string

const SHOWN = {
  memory: { clients: 'memory:', tokens: 'memory:' },
  postgres: { clients: POSTGRES, tokens: POSTGRES },
  'postgres-second-schema': { clients: POSTGRES, tokens: POSTGRES },
  redis: { clients: REDIS, tokens: REDIS },
  'redis-cluster': { clients: REDIS, tokens: REDIS },
  mixed: { clients: POSTGRES, tokens: REDIS },
}

let test: TestServer
let given: Given
let hosts: readonly Host[]

beforeAll(async () => {
  test = await createTestServer()
  hosts = await allHosts(test.server)
  const { record, ...token } = await test.server.createToken({
    client: (await test.storage.clients.find('reader')) as never,
    scopes: ['read', 'write'],
  })
  await test.server.storeToken({ record })
  given = { secrets: test.secrets, token: token.value, ...(await preparedProofs(ISSUER)) }
})

afterAll(async () => {
  for (const host of hosts) await host.close()
  await test.close()
})

it('runs on the storage that it is meant for', () => {
  expect(test.storage.shown).toEqual(SHOWN[storageName()])
})

describe.each(['the service', 'Fastify alone', 'the fetch handler'])('%s', (name) => {
  it.each(httpSuite)('answers $title', async (testCase) => {
    const host = hosts.find((candidate) => candidate.name === name) as Host
    check(await host.send(testCase.send(given)), testCase)
  })
})

describe('the hosts', () => {
  it.each(httpSuite)('answer the same to $title', async ({ send }) => {
    const [first, ...others] = await Promise.all(hosts.map((host) => host.send(send(given))))
    for (const other of others) expect(comparable(other)).toEqual(comparable(first as Answer))
  })

  it('have each a list of what only the other can be asked', () => {
    expect(FASTIFY_ALONE.length).toBeGreaterThan(0)
    expect(new Set(httpSuite.map(({ title }) => title)).size).toBe(httpSuite.length)
  })

  it('differ over a joined Authorization: where its lines can be seen one line with a comma is merely malformed', async () => {
    const pair = basic('reader', test.secrets.reader)
    const sent: Sent = {
      path: '/oauth2/token',
      body: 'grant_type=client_credentials',
      headers: { 'content-type': FORM, authorization: `${pair}, ${pair}` },
    }
    expect(await Promise.all(hosts.map(async (host) => (await host.send(sent)).status))).toEqual([401, 401, 400])
  })
})

function check({ status, headers, body }: Answer, expected: HttpCase): void {
  expect({ status, body }).toMatchObject({ status: expected.status })
  expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', ...expected.headers })
  expect(headers).not.toHaveProperty('server')
  expect(headers).not.toHaveProperty('x-powered-by')
  if (!('cache-control' in (expected.headers ?? {})) && !headers['cache-control']?.startsWith('public'))
    expect(headers['cache-control']).toBe('no-store')
  if (body !== '') expect(headers['content-type']).toBe('application/json')
  if (expected.answer === '') expect(body).toBe('')
  else if (typeof expected.answer === 'string') checkError(JSON.parse(body) as Record<string, unknown>, expected.answer)
  else expect(JSON.parse(body)).toMatchObject(expected.answer)
}

function checkError(answer: Record<string, unknown>, code: string): void {
  expect(Object.keys(answer)).toEqual(['error', 'error_description'])
  expect(answer['error']).toBe(code)
  // RFC 6749 §5.2: neither quotes nor backslashes nor anything beyond ASCII.
  expect(answer['error_description']).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
}

/** Without what is new in every answer. */
const comparable = ({ status, headers, body }: Answer): Answer => ({
  status,
  headers,
  body: body.replaceAll(/lk_at_[0-9A-Za-z]{49}/g, 'a token').replaceAll(/"(exp|iat)":\d+/g, '"$1":0'),
})
