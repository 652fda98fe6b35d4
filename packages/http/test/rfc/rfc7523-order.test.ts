import { randomUUID } from 'node:crypto'
import type { ReplayGuard } from '@latchkey/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asserting, assertionOf } from '../client-assertions.ts'
import { type ClientKey, makeClientKey, proofOf } from '../dpop-proofs.ts'
import { allHosts, type Host } from '../hosts.ts'
import { registeredClient } from '../registered-client.ts'
import { basic, createTestServer, FORM, ISSUER, type TestServer } from '../test-server.ts'

const ADDRESS = `${ISSUER}/oauth2/token`
const REFUSED = [401, 'invalid_client']

let test: TestServer
let hosts: readonly Host[]
let key: ClientKey
let proving: ClientKey
/** Whether nobody can say what was used before. */
let isAway = false

beforeAll(async () => {
  ;[key, proving] = await Promise.all([makeClientKey(), makeClientKey()])
  test = await createTestServer({
    replays: {
      async claim(name, expiresAt) {
        if (isAway) throw new Error('away')
        return (test.storage.replays as ReplayGuard).claim(name, expiresAt)
      },
    },
  })
  const metadata = { scope: 'read', jwks: { keys: [key.jwk] } }
  for (const [id, more] of Object.entries({ machine: {}, careful: { dpop_nonce_required: true } }))
    await test.storage.clients.add(await registeredClient(id, { ...metadata, ...more }))
  hosts = await allHosts(test.server)
})

afterAll(async () => {
  for (const host of hosts) await host.close()
  await test.close()
})

const assertion = (id = 'machine') => assertionOf(key, id, ISSUER)
const proof = (claims = {}) => proofOf(proving, ADDRESS, claims)

describe.each([
  ['the service', 0],
  ['Fastify alone', 1],
  ['the fetch handler', 2],
])('two faults of one request: %s', (_, host) => {
  /** What is answered to a form, in short. */
  async function ask(body: string, headers: Readonly<Record<string, string>> = {}) {
    const answer = await hosts[host]?.send({
      path: '/oauth2/token',
      headers: { 'content-type': FORM, ...headers },
      body,
    })
    const { error, error_description } = JSON.parse(answer?.body ?? '') as Readonly<Record<string, string>>
    return { short: [answer?.status, error], description: error_description, headers: answer?.headers ?? {} }
  }
  const shortly = async (body: string, headers = {}) => (await ask(body, headers)).short
  const PASSED = [200, undefined]

  it('RFC 6749 §4.4.2 · D17, A3 · a body that is no form comes before two methods, which come before what is wrong with either', async () => {
    const body = asserting(await assertion())
    const authorization = basic('reader', 'wrong')
    const json = await ask(body, { authorization, 'content-type': 'application/json' })
    expect([...json.short, json.description]).toEqual([400, 'invalid_request', expect.stringMatching(/Content-Type/i)])
    const both = await ask(body, { authorization })
    expect([...both.short, both.description]).toEqual([400, 'invalid_request', expect.stringMatching(/more than one/)])
    expect(await shortly(asserting('nonsense'), { authorization })).toEqual([400, 'invalid_request'])
    expect(await shortly(body)).toEqual(PASSED)
  })

  it('RFC 7523 §3 · D17, C27 · an assertion that is bad comes before a grant type, and a proof, that are', async () => {
    const bad = asserting('nonsense', { grant_type: 'password', client_id: 'machine' })
    expect(await shortly(bad, { dpop: 'no proof' })).toEqual(REFUSED)
    const strange = asserting(await assertionOf(proving, 'machine', ISSUER), { scope: 'everything' })
    const dpop = await proof()
    expect(await shortly(strange, { dpop })).toEqual(REFUSED)
    expect(await shortly(asserting(await assertion()), { dpop })).toEqual(PASSED)
  })

  it('RFC 6749 §5.2 · D17, C27, H9 · a grant type comes before a proof, and uses nothing up', async () => {
    const jwt = await assertion()
    const unknown = asserting(jwt, { grant_type: 'password' })
    const jti = randomUUID()
    const elsewhere = await proofOf(proving, `${ADDRESS}/elsewhere`, { jti })
    for (const dpop of ['no proof', elsewhere, await proof({ jti })])
      expect(await shortly(unknown, { dpop })).toEqual([400, 'unsupported_grant_type'])
    const missing = asserting(jwt, { grant_type: '' })
    expect(await shortly(missing, { dpop: elsewhere })).toEqual([400, 'invalid_request'])
    expect(await shortly(asserting(jwt), { dpop: elsewhere })).toEqual([400, 'invalid_dpop_proof'])
    expect(await shortly(asserting(jwt), { dpop: await proof({ jti }) })).toEqual(PASSED)
  })

  it('RFC 9449 §8 · D17, C27, H9 · a nonce that is missing comes before a scope that is unknown, and uses nothing up', async () => {
    const jwt = await assertion('careful')
    const jti = randomUUID()
    const { short, headers } = await ask(asserting(jwt, { scope: 'everything' }), { dpop: await proof({ jti }) })
    expect(short).toEqual([400, 'use_dpop_nonce'])
    expect(await shortly(asserting(jwt), { dpop: await proof({ jti, nonce: headers['dpop-nonce'] }) })).toEqual(PASSED)
  })

  it.each([
    ['scope', 'everything', 'invalid_scope'],
    ['resource', 'https://unknown.example', 'invalid_target'],
  ])('RFC 7523 §3 · D17, C27, H9 · a %s that is wrong comes last, and both are used up', async (name, value, error) => {
    const body = asserting(await assertion(), { [name]: value })
    const dpop = await proof()
    expect(await shortly(body, { dpop })).toEqual([400, error])
    expect(await shortly(body, { dpop: await proof() })).toEqual(REFUSED)
    expect(await shortly(asserting(await assertion()), { dpop })).toEqual([400, 'invalid_dpop_proof'])
  })

  it('RFC 7521 §4.2 · D17, C2, C27 · a client_id that is another’s comes before a grant type, and uses nothing up', async () => {
    const jwt = await assertion()
    const dpop = await proof()
    const another = asserting(jwt, { client_id: 'careful', grant_type: 'password' })
    expect(await shortly(another, { dpop })).toEqual([400, 'invalid_request'])
    expect(await shortly(asserting(jwt, { client_id: 'careful' }), { dpop })).toEqual([400, 'invalid_request'])
    expect(await shortly(asserting(jwt, { client_id: 'machine' }), { dpop })).toEqual(PASSED)
  })

  it('RFC 7523 §3 · D17, C26 · nobody’s knowledge of what was used comes before a scope that is unknown, and uses nothing up', async () => {
    const jwt = await assertion()
    const dpop = await proof()
    isAway = true
    for (const parameters of [{}, { scope: 'everything' }])
      expect(await shortly(asserting(jwt, parameters), { dpop })).toEqual([503, 'temporarily_unavailable'])
    // What is refused without asking anybody is refused as ever.
    expect(await shortly(asserting(jwt, { grant_type: 'password' }))).toEqual([400, 'unsupported_grant_type'])
    isAway = false
    expect(await shortly(asserting(jwt), { dpop })).toEqual(PASSED)
    expect(await shortly(asserting(jwt), { dpop: await proof() })).toEqual(REFUSED)
  })
})
