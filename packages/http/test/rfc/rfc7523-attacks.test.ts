import { createHmac } from 'node:crypto'
import { createSecretSeal } from '@latchkey/core'
import { type CryptoKey, exportSPKI, importJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRemoteDocuments } from '../../src/remote/remote-documents.ts'
import { asserting, assertionOf } from '../client-assertions.ts'
import { type ClientKey, makeClientKey, proofOf } from '../dpop-proofs.ts'
import { listen, sendTo } from '../hosts.ts'
import { registeredClient } from '../registered-client.ts'
import { type HostileHost, startHostileHost } from '../remote/hostile-host.ts'
import { createTestServer, FORM, ISSUER, type TestServer } from '../test-server.ts'

const REFUSAL = '{"error":"invalid_client","error_description":"client authentication failed"}'

let test: TestServer
let app: Awaited<ReturnType<typeof listen>>
/** A host that an attacker has, and that the server could reach. */
let attackers: HostileHost
let key: ClientKey
let rsa: ClientKey
let strange: ClientKey

beforeAll(async () => {
  key = await makeClientKey()
  rsa = await makeClientKey('RS256')
  strange = await makeClientKey()
  const keys = JSON.stringify({ keys: [strange.jwk] })
  attackers = await startHostileHost((_request, response) => {
    response.setHeader('content-type', 'application/json').end(keys)
  })
  test = await createTestServer({
    secretSeal: createSecretSeal({ masterKey: 'A'.repeat(43) }),
    remoteDocuments: createRemoteDocuments({ dangerouslyAllowPrivateAddresses: ['127.0.0.1'], extraCa: attackers.ca }),
  })
  const jwks = { keys: [{ ...key.jwk, kid: 'one' }, rsa.jwk] }
  const metadata = { token_endpoint_auth_method: 'private_key_jwt', scope: 'read', jwks }
  await test.storage.clients.add(await registeredClient('machine', metadata))
  const { token_endpoint_auth_method: _method, ...any } = metadata
  await test.storage.clients.add(await registeredClient('any-method', any))
  app = await listen(test.server)
})

afterAll(async () => {
  await app.close()
  await test.close()
  await attackers.close()
})

const send = (body: string, path = '/oauth2/token', headers: Readonly<Record<string, string>> = {}) =>
  sendTo(app.port, { path, body, headers: { 'content-type': FORM, ...headers } })

const now = (): number => Math.floor(Date.now() / 1000)

const base64url = (text: string): string => Buffer.from(text).toString('base64url')

/** The answer to an assertion that is none: the same in every case, and soon. */
async function isRefused(assertion: string, parameters: Readonly<Record<string, string>> = {}): Promise<void> {
  for (const path of ['/oauth2/token', '/oauth2/introspect', '/oauth2/revoke']) {
    const begun = performance.now()
    const { status, body } = await send(asserting(assertion, { token: 'a', ...parameters }), path)
    expect([status, body]).toEqual([401, REFUSAL])
    expect(performance.now() - begun).toBeLessThan(2000)
  }
}

describe('an assertion from outside', () => {
  it('RFC 7523 §2.2 · C20, C26 · lets a client in, once', async () => {
    const body = asserting(await assertionOf(key, 'machine', ISSUER, {}, { kid: 'one' }))
    expect((await send(body)).status).toBe(200)
    const { status, headers, body: told } = await send(body)
    expect([status, told, headers['www-authenticate'], headers['cache-control']]).toEqual([
      401,
      REFUSAL,
      expect.stringContaining('Basic'),
      'no-store',
    ])
  })

  it('RFC 8725 §3.1 · C28, C33 · that is signed with what is public is none', async () => {
    const claims = { iss: 'any-method', sub: 'any-method', aud: ISSUER, iat: now(), exp: now() + 60 }
    const pem = await exportSPKI((await importJWK(rsa.jwk, 'RS256', { extractable: true })) as CryptoKey)
    const { n = '' } = rsa.jwk
    for (const [index, secret] of [pem, pem.trim(), JSON.stringify(rsa.jwk), n, Buffer.from(n, 'base64url')].entries())
      for (const alg of ['HS256', 'HS384', 'HS512']) {
        const text = [JSON.stringify({ alg, typ: 'JWT' }), JSON.stringify({ ...claims, jti: `confused ${index}` })]
        const signed = text.map(base64url).join('.')
        const signature = createHmac(alg.replace('HS', 'sha'), secret).update(signed).digest('base64url')
        await isRefused(`${signed}.${signature}`)
      }
  })

  it.each(['jku', 'x5u'])('RFC 8725 §3.10 · C31 · has the server ask for no keys where it says: %s', async (member) => {
    const address = `https://127.0.0.1:${attackers.port}/keys`
    await isRefused(await assertionOf(strange, 'machine', ISSUER, {}, { [member]: address }))
    await isRefused(await assertionOf(strange, 'machine', ISSUER, { iss: address.replace('/keys', '') }), {
      client_id: 'machine',
    })
    expect((await send(asserting(await assertionOf(key, 'machine', ISSUER, {}, { [member]: address })))).status).toBe(
      200,
    )
    expect(attackers.connections()).toBe(0)
  })

  it('RFC 8725 §3.10 · C31 · brings no key along', async () => {
    await isRefused(await assertionOf(strange, 'machine', ISSUER, {}, { jwk: strange.jwk }))
    await isRefused(await assertionOf(strange, 'machine', ISSUER, {}, { jwk: strange.jwk, kid: 'one' }))
  })

  it.each([
    ['a path', '../../../../../../dev/null'],
    ['SQL', "one' UNION SELECT 'AA' --"],
    ['a key of Redis', 'latchkey:client:machine\r\nDEL *'],
    ['a command', '| sleep 10'],
    ['a NUL', 'one\0'],
    ['half a character', '\ud800'],
    ['what JavaScript knows', '__proto__'],
  ])('RFC 7517 §4.5 · C30 · finds no key by a kid that is %s', async (_what, kid) => {
    await isRefused(await assertionOf(strange, 'machine', ISSUER, {}, { kid }))
    await isRefused(await assertionOf(key, 'machine', ISSUER, {}, { kid }))
  })

  it.each([
    '__proto__',
    'constructor',
    'machine\0',
    '\0',
    '\ud800',
    '\u{1f511}',
    'm\u0430chine',
    'machine%00',
    "machine' OR '1'='1",
    'machine\r\nGET latchkey',
    'm'.repeat(300),
  ])('RFC 7523 §3 · C22 · is of nobody who is called %j', async (id) => {
    await isRefused(await assertionOf(key, id, ISSUER))
    await isRefused(await assertionOf(key, id, ISSUER), { client_id: id })
    await isRefused(await assertionOf(key, id, ISSUER, { sub: 'machine' }), { client_id: 'machine' })
  })

  it.each([
    ['deep lists', `${'['.repeat(5900)}${']'.repeat(5900)}`],
    ['deep objects', `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`],
    ['nothing but quotes', '"'.repeat(9000)],
    ['nothing but backslashes', `"${'\\\\'.repeat(4000)}"`],
    ['a name of eight thousand blanks', `{"${' '.repeat(8000)}":1}`],
  ])('RFC 7523 §2.2 · C21 · keeps nobody waiting with %s', async (_what, text) => {
    const header = base64url('{"alg":"ES256"}')
    const signature = 'A'.repeat(86)
    await isRefused(`${header}.${base64url(text)}.${signature}`)
    await isRefused(`${base64url(text)}.${base64url('{"iss":"machine","sub":"machine"}')}.${signature}`)
  })

  it('RFC 6749 §3.2 · B7, C21 · makes no request with more than sixteen kilobytes', async () => {
    for (const assertion of [
      await assertionOf(key, 'machine', ISSUER, {}, { kid: 'k'.repeat(16 * 1024) }),
      `e30.${base64url('['.repeat(10_000) + ']'.repeat(10_000))}.AA`,
    ]) {
      const { status, body } = await send(asserting(assertion))
      expect([status, JSON.parse(body)]).toMatchObject([400, { error: 'invalid_request' }])
    }
  })

  it('RFC 9449 §8 · H9, C27 · is used up with the proof that came with it, and not before', async () => {
    const body = asserting(await assertionOf(key, 'machine', ISSUER))
    const address = `${ISSUER}/oauth2/token`
    const broken = await send(body, undefined, { dpop: 'no proof' })
    expect([broken.status, JSON.parse(broken.body)]).toMatchObject([400, { error: 'invalid_dpop_proof' }])
    const elsewhere = await send(body, undefined, { dpop: await proofOf(strange, `${address}/`) })
    expect(elsewhere.status).toBe(400)
    expect((await send(body, undefined, { dpop: await proofOf(strange, address) })).status).toBe(200)
    expect((await send(body, undefined, { dpop: await proofOf(strange, address) })).status).toBe(401)
  })
})
