import {
  clientFromRegistration,
  createSecretSeal,
  defineClient,
  generateSecret,
  parseClientsFile,
} from '@latchkey/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AssertionKey, asserting, assertionOf } from '../client-assertions.ts'
import { makeClientKey } from '../dpop-proofs.ts'
import { listen, sendTo } from '../hosts.ts'
import { lines, type RawAnswer, talk } from '../raw-connection.ts'
import { createTestServer, FORM, ISSUER, type TestServer } from '../test-server.ts'

type Method = 'private_key_jwt' | 'client_secret_jwt'
const METHODS: readonly Method[] = ['private_key_jwt', 'client_secret_jwt']
const PATHS = ['/oauth2/token', '/oauth2/introspect', '/oauth2/revoke']

let test: TestServer
let app: Awaited<ReturnType<typeof listen>>
const keys = new Map<Method, AssertionKey>()

/** Each method has a client of its name. */
beforeAll(async () => {
  const seal = createSecretSeal({ masterKey: 'ephemeral' })
  test = await createTestServer({ secretSeal: seal })
  const { secret } = generateSecret()
  const { privateKey, jwk } = await makeClientKey()
  keys.set('private_key_jwt', { alg: 'ES256', privateKey }).set('client_secret_jwt', {
    alg: 'HS256',
    privateKey: Buffer.from(secret),
  })
  const { clients } = parseClientsFile(
    JSON.stringify({
      private_key_jwt: { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } },
      client_secret_jwt: { token_endpoint_auth_method: 'client_secret_jwt', client_secret: secret },
      disabled_too: { enabled: false, jwks: { keys: [jwk] } },
    }),
  )
  for (const client of clients) await test.storage.clients.add(defineClient(await clientFromRegistration(client, seal)))
  app = await listen(test.server)
})

afterAll(async () => {
  await app.close()
  await test.close()
})

const keyOf = (method: Method): AssertionKey => keys.get(method) as AssertionKey
const assertionBy = (method: Method, claims = {}, header = {}): Promise<string> =>
  assertionOf(keyOf(method), method, ISSUER, claims, header)

const ask = async (assertion: string, path = '/oauth2/token', parameters = {}) => {
  const answer = await sendTo(app.port, {
    path,
    headers: { 'content-type': FORM },
    body: asserting(assertion, parameters),
  })
  return { status: answer.status, body: answer.body === '' ? {} : (JSON.parse(answer.body) as Record<string, string>) }
}

describe.each(METHODS)('RFC 7523: %s', (method) => {
  it('RFC 7523 §2.2 · C26 · lets a client in once by each assertion, at whichever endpoint', async () => {
    const first = await assertionBy(method)
    const { status, body } = await ask(first)
    expect([status, body['token_type']]).toEqual([200, 'Bearer'])
    const token = body['access_token'] ?? ''
    for (const path of PATHS) expect((await ask(first, path, { token })).status).toBe(401)
    expect((await ask(await assertionBy(method), '/oauth2/introspect', { token })).body).toMatchObject({ active: true })
    expect((await ask(await assertionBy(method), '/oauth2/revoke', { token })).status).toBe(200)
    expect((await ask(await assertionBy(method), '/oauth2/introspect', { token })).body).toEqual({ active: false })
  })

  it('RFC 7521 §4.2 · C20 · asks for both parameters, and for the type that it knows', async () => {
    const assertion = await assertionBy(method)
    for (const parameters of [
      { client_assertion_type: '' },
      { client_assertion: '' },
      { client_assertion_type: 'urn:x' },
    ])
      expect(await ask(assertion, '/oauth2/token', parameters)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      })
    expect((await ask(assertion)).status).toBe(200)
  })

  it.each(PATHS)(
    'RFC 7523 §3.2 · C4, C33 · is answered at %s as an unknown client is, byte for byte, whatever is wrong',
    async (path) => {
      const now = Math.floor(Date.now() / 1000)
      const used = await assertionBy(method)
      expect((await ask(used)).status).toBe(200)
      const [header, payload, signature = ''] = (await assertionBy(method)).split('.')
      const other = await makeClientKey()
      const wrong: Readonly<Record<string, string>> = {
        'an unknown client': await assertionOf(keyOf(method), 'nobody', ISSUER),
        'one that was used': used,
        'another key': await assertionOf({ alg: 'ES256', privateKey: other.privateKey }, method, ISSUER),
        'the secret of nobody': await assertionOf({ alg: 'HS256', privateKey: Buffer.alloc(32) }, method, ISSUER),
        'another signature': [header, payload, `${signature.slice(0, -8)}AAAAAAAA`].join('.'),
        'no signature': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`,
        'the audience of another server': await assertionBy(method, { aud: 'https://other.example' }),
        'a list of audiences': await assertionBy(method, { aud: [ISSUER, 'https://other.example'] }),
        'no end': await assertionBy(method, { exp: undefined }),
        'an end that has passed': await assertionBy(method, { exp: now - 60 }),
        'an end in ten years': await assertionBy(method, { exp: now + 315_360_000 }),
        'a beginning in an hour': await assertionBy(method, { nbf: now + 3600 }),
        'no name': await assertionBy(method, { jti: undefined }),
        'another subject': await assertionBy(method, { sub: 'reader' }),
        'a critical header': await assertionBy(method, {}, { crit: ['exp'], exp: 1 }).catch(() => 'a.b.c'),
        'what is no JWT': 'nonsense',
        'a disabled client': await assertionOf(keyOf('private_key_jwt'), 'disabled_too', ISSUER),
      }
      const answers: (RawAnswer & { readonly why: string })[] = []
      for (const [why, assertion] of Object.entries(wrong)) {
        const body = asserting(assertion, { token: 'x' })
        const request = lines(`POST ${path} HTTP/1.1`, ['Host: localhost', `Content-Type: ${FORM}`], body)
        answers.push({ why, ...(await talk(app.port, request)) })
      }
      const [unknown] = answers
      expect(unknown).toMatchObject({ status: 401, body: expect.stringContaining('"invalid_client"') })
      for (const { why, status, names, fields, body } of answers)
        expect([why, status, names, withoutDate(fields), body]).toEqual([
          why,
          401,
          unknown?.names,
          withoutDate(unknown?.fields ?? []),
          unknown?.body,
        ])
    },
  )
})

const withoutDate = (fields: RawAnswer['fields']): RawAnswer['fields'] => fields.filter(([name]) => name !== 'Date')
