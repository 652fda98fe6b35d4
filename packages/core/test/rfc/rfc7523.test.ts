import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { exportSPKI, generateKeyPair } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import type {
  AuthorizationServerOptions,
  Client,
  ClientCertificate,
  ClientDefinition,
  EndpointRequest,
  RemoteDocuments,
  SecretCredential,
} from '../../src/index.ts'
import {
  clientFromRegistration,
  clientOfFile,
  createSecretSeal,
  defineClient,
  formOf,
  generateSecret,
  parseClientsFile,
  SIGNING_ALGORITHMS,
} from '../../src/index.ts'
import {
  ASSERTION_TYPE,
  type AssertionChanges,
  type AssertionKey,
  asserting,
  assertionOf,
  encoded,
  makeAssertionKey,
  withParts,
} from '../client-assertions.ts'
import { COMMON_NAME, certificateOf } from '../client-certificates.ts'
import { makeClientKey, proofOf, replaysInSight } from '../dpop-proofs.ts'
import { keySet, publishing } from '../published-documents.ts'
import {
  basic,
  CHOSEN,
  createTestServer,
  GRANT,
  ISSUER,
  NOW,
  REPORTS,
  refusalOf,
  reports,
  respond,
  type TestServer,
} from '../test-server.ts'

const TOKEN_ENDPOINT = `${ISSUER}/oauth2/token`

let key: AssertionKey
let other: AssertionKey
beforeAll(async () => {
  key = await makeAssertionKey('ES256', { kid: 'one' })
  other = await makeAssertionKey('ES256', { kid: 'one' })
})

const holding = (keys: readonly AssertionKey[], more: Partial<ClientDefinition> = {}): Client =>
  defineClient({
    id: 'machine',
    credentials: [{ kind: 'jwks', id: 'keys', keys: keys.map(({ jwk }) => jwk) }],
    scopes: { read: true },
    ...more,
  })

const machine = (more: Partial<ClientDefinition> = {}): Client => holding([key], more)

function serverOf(clients: readonly Client[], overrides: Partial<AuthorizationServerOptions> = {}) {
  const replays = replaysInSight()
  return { ...createTestServer(clients, { replays, ...overrides }), replays }
}

const answerTo = async (request: EndpointRequest, client = machine(), overrides = {}) =>
  respond(serverOf([client], overrides).server.token(request))

const statusOf = async (assertion: string, client = machine(), parameters = {}): Promise<number> =>
  (await answerTo(asserting(assertion, parameters), client)).status

async function reasonsOf(test: TestServer): Promise<readonly string[]> {
  return (await test.events()).flatMap((event) => ('reason' in event && event.reason ? [event.reason] : []))
}

describe('private_key_jwt', () => {
  it.each([...SIGNING_ALGORITHMS])(
    'RFC 7523 §2.2 · C28, C32 · lets a client in by a key of its own: %s',
    async (alg) => {
      const own = await makeAssertionKey(alg)
      expect(await statusOf(await assertionOf(own), holding([own]))).toBe(200)
    },
  )

  it('RFC 7523 §2.2 · C20, C22 · is known from the assertion alone, and may say client_id as well', async () => {
    expect(await statusOf(await assertionOf(key))).toBe(200)
    expect(await statusOf(await assertionOf(key), machine(), { client_id: 'machine' })).toBe(200)
    const { server } = serverOf([machine(), reports()])
    const request = asserting(await assertionOf(key), { client_id: 'reports' })
    expect(await refusalOf(server.token(request))).toBe('400 invalid_request')
  })

  it('RFC 7523 §3 · C26 · is taken by introspection and revocation as by the token endpoint, each assertion once', async () => {
    const { server } = serverOf([machine()])
    const { access_token: token } = await server.token(asserting(await assertionOf(key)))
    const asked = await assertionOf(key)
    const about = (assertion: string) => asserting(assertion, { token })
    expect(await server.introspect(about(asked))).toMatchObject({ active: true, client_id: 'machine' })
    expect(await refusalOf(server.introspect(about(asked)))).toBe('401 invalid_client')
    expect(await refusalOf(server.revoke(about(asked)))).toBe('401 invalid_client')
    await server.revoke(about(await assertionOf(key)))
    expect(await server.introspect(about(await assertionOf(key)))).toEqual({ active: false })
  })

  it.each<[string, Record<string, string>]>([
    ['the assertion alone', { client_assertion: 'a.b.c' }],
    ['the type alone', { client_assertion_type: ASSERTION_TYPE }],
    ['the type alone, and an assertion without value', { client_assertion_type: ASSERTION_TYPE, client_assertion: '' }],
    ['another type', { client_assertion: 'a.b.c', client_assertion_type: `${ASSERTION_TYPE}2` }],
    ['the type of SAML', { client_assertion: 'a.b.c', client_assertion_type: ASSERTION_TYPE.replace('jwt', 'saml2') }],
    ['the type in another case', { client_assertion: 'a.b.c', client_assertion_type: ASSERTION_TYPE.toUpperCase() }],
  ])('RFC 7521 §4.2 · C20 · is no request with %s', async (_, parameters) => {
    expect(await refusalOf(serverOf([machine()]).server.token({ form: formOf({ ...GRANT, ...parameters }) }))).toBe(
      '400 invalid_request',
    )
  })

  it('RFC 6749 §2.3 · D4 · goes with no other method', async () => {
    const assertion = await assertionOf(key)
    const { server } = serverOf([machine(), reports()])
    const authorization = basic('reports', REPORTS.secret)
    expect(await refusalOf(server.token({ ...asserting(assertion), authorization }))).toBe('400 invalid_request')
    const both = asserting(assertion, { client_id: 'reports', client_secret: REPORTS.secret })
    expect(await refusalOf(server.token(both))).toBe('400 invalid_request')
  })

  it('RFC 8414 §2 · K5 · is named in the metadata with its algorithms, exactly where it is taken', async () => {
    const { metadata } = serverOf([]).server
    for (const endpoint of ['token', 'introspection', 'revocation'] as const) {
      expect(metadata[`${endpoint}_endpoint_auth_methods_supported`]).toContain('private_key_jwt')
      expect(metadata[`${endpoint}_endpoint_auth_methods_supported`]).not.toContain('client_secret_jwt')
      expect(metadata[`${endpoint}_endpoint_auth_signing_alg_values_supported`]).toEqual(SIGNING_ALGORITHMS)
    }
    const without = createTestServer([machine()]).server
    expect(without.metadata.token_endpoint_auth_methods_supported).not.toContain('private_key_jwt')
    expect(without.metadata).not.toHaveProperty('token_endpoint_auth_signing_alg_values_supported')
    expect(await refusalOf(without.token(asserting(await assertionOf(key))))).toBe('401 invalid_client')
  })
})

/** Assertions that are none, each with what the operator reads of it. */
const REFUSED: readonly (readonly [id: string, title: string, changes: AssertionChanges, reason: string])[] = [
  ['C22', 'another iss', { claims: { iss: 'reports' } }, 'malformed'],
  ['C22', 'another sub', { claims: { sub: 'reports' } }, 'malformed'],
  ['C22', 'another iss and sub', { claims: { iss: 'nobody', sub: 'nobody' } }, 'no such client'],
  ['C22', 'no sub', { claims: { sub: undefined } }, 'malformed'],
  ['C22', 'no iss', { claims: { iss: undefined } }, 'malformed'],
  ['C22', 'neither iss nor sub', { claims: { iss: undefined, sub: undefined } }, 'malformed'],
  ['C22', 'an iss and sub that are lists', { claims: { iss: ['machine'], sub: ['machine'] } }, 'malformed'],
  ['C22', 'an iss and sub that are numbers', { claims: { iss: 1, sub: 1 } }, 'malformed'],
  ['C23, D5', 'the token endpoint as its aud', { claims: { aud: TOKEN_ENDPOINT } }, 'its aud'],
  ['C23, D5', 'the issuer in a list', { claims: { aud: [ISSUER] } }, 'its aud'],
  ['C23, D5', 'the issuer and another', { claims: { aud: [ISSUER, 'https://evil.example'] } }, 'its aud'],
  ['C23, D5', 'the issuer with a slash', { claims: { aud: `${ISSUER}/` } }, 'its aud'],
  ['C23, D5', 'the issuer in another case', { claims: { aud: ISSUER.toUpperCase() } }, 'its aud'],
  ['C23, D5', 'the aud of another server', { claims: { aud: 'https://evil.example' } }, 'its aud'],
  ['C23, D5', 'no aud', { claims: { aud: undefined } }, 'its aud'],
  ['C23, D5', 'an aud that is a number', { claims: { aud: 7 } }, 'its aud'],
  ['C23, D5', 'an aud that is null', { claims: { aud: null } }, 'its aud'],
  ['C23, D5', 'an empty aud', { claims: { aud: '' } }, 'its aud'],
  ['C23, D5', 'an empty list of aud', { claims: { aud: [] } }, 'its aud'],
  ['C24', 'no exp', { claims: { exp: undefined } }, 'its exp is no time'],
  ['C24', 'an exp that is a text', { claims: { exp: `${NOW + 60}` } }, 'its exp is no time'],
  ['C24', 'an exp that is null', { claims: { exp: null } }, 'its exp is no time'],
  ['C24', 'an exp that has passed', { claims: { exp: NOW - 10 } }, 'expired'],
  ['C24', 'an exp of five minutes ago', { claims: { exp: NOW - 300 } }, 'expired'],
  ['C24', 'an exp that is below zero', { claims: { exp: -1 } }, 'expired'],
  ['C24', 'an exp of more than five minutes ahead', { claims: { exp: NOW + 311 } }, 'too far ahead'],
  ['C24', 'an exp of ten years ahead', { claims: { exp: NOW + 315_360_000 } }, 'too far ahead'],
  ['C24', 'an exp in milliseconds', { claims: { exp: (NOW + 60) * 1000 } }, 'too far ahead'],
  ['C25', 'an nbf of a minute ahead', { claims: { nbf: NOW + 61 } }, 'its nbf is in the future'],
  ['C25', 'an nbf that is a text', { claims: { nbf: 'now' } }, 'its nbf is no time'],
  ['C25', 'an iat of a minute ahead', { claims: { iat: NOW + 61 } }, 'its iat is in the future'],
  ['C25', 'an iat of an hour ahead', { claims: { iat: NOW + 3600 } }, 'its iat is in the future'],
  ['C25', 'an iat that is a text', { claims: { iat: `${NOW}` } }, 'its iat is no time'],
  ['C25', 'an iat that is null', { claims: { iat: null } }, 'its iat is no time'],
  ['C25', 'an iat of more than five minutes ago', { claims: { iat: NOW - 311 } }, 'too long ago'],
  ['C26', 'no jti', { claims: { jti: undefined } }, 'its jti'],
  ['C26', 'an empty jti', { claims: { jti: '' } }, 'its jti'],
  ['C26', 'a jti that is a number', { claims: { jti: 1 } }, 'its jti'],
  ['C26', 'a jti of 257 characters', { claims: { jti: 'j'.repeat(257) } }, 'its jti'],
  ['D6', 'the typ of an access token', { header: { typ: 'at+jwt' } }, 'its typ'],
  ['D6', 'the typ of a DPoP proof', { header: { typ: 'dpop+jwt' } }, 'its typ'],
  ['D6', 'the typ of a signed introspection', { header: { typ: 'token-introspection+jwt' } }, 'its typ'],
  ['D6', 'the typ of a request object', { header: { typ: 'oauth-authz-req+jwt' } }, 'its typ'],
  ['D6', 'the typ of a workload', { header: { typ: 'JOSE' } }, 'its typ'],
  ['D6', 'a typ that is a number', { header: { typ: 1 } }, 'its typ'],
  ['D6', 'a typ that is empty', { header: { typ: '' } }, 'its typ'],
  ['C30', 'a kid of no key', { header: { kid: 'two' } }, 'no key of that alg and kid'],
  ['C30', 'a kid that would be a path', { header: { kid: '../../../../dev/null' } }, 'no key of that alg and kid'],
  ['C30', 'a kid that would be SQL', { header: { kid: "' OR 1=1 --" } }, 'no key of that alg and kid'],
  ['C30', 'a kid that is a number', { header: { kid: 1 } }, 'its kid is no text'],
  ['C31', 'an extension that is critical', { header: { crit: ['urn:example'], 'urn:example': 1 } }, 'an extension'],
]

const refusedBy = (id: string) => REFUSED.filter(([ids]) => ids.includes(id)).map(([, ...rest]) => rest)

async function isRefused(_title: string, changes: AssertionChanges, reason: string): Promise<void> {
  const test = serverOf([machine()])
  const response = await respond(test.server.token(asserting(await assertionOf(key, changes))))
  expect(response.status).toBe(401)
  expect(response.body).toBe('{"error":"invalid_client","error_description":"client authentication failed"}')
  const [told] = await reasonsOf(test)
  expect(told).toContain(reason)
  expect(test.replays.claimed.size).toBe(0)
}

/** What is allowed about an assertion. */
const TAKEN: readonly (readonly [id: string, title: string, changes: AssertionChanges])[] = [
  ['D6', 'no typ', { header: { typ: undefined } }],
  ['D6', 'the typ JWT', { header: { typ: 'JWT' } }],
  ['D6', 'the typ jwt in small letters', { header: { typ: 'jwt' } }],
  ['D6', 'the typ for assertions', { header: { typ: 'client-authentication+jwt' } }],
  ['D6', 'the same written out', { header: { typ: 'application/Client-Authentication+JWT' } }],
  ['C24', 'an exp of five minutes ahead', { claims: { exp: NOW + 300 } }],
  ['C24', 'an exp that passed within the skew', { claims: { exp: NOW - 9 } }],
  ['C24', 'an exp with a fraction', { claims: { exp: NOW + 59.5 } }],
  ['C25', 'an nbf and iat that are ten seconds ahead', { claims: { nbf: NOW + 10, iat: NOW + 10 } }],
  ['C25', 'no iat', { claims: { iat: undefined } }],
  ['C26', 'a jti of 256 characters', { claims: { jti: 'j'.repeat(256) } }],
  ['C30', 'no kid', { header: { kid: undefined } }],
  ['C30', 'the kid of its key', { header: { kid: 'one' } }],
  ['C22', 'claims that nobody knows', { claims: { events: {}, scope: 'everything' } }],
]

const takenBy = (id: string) => TAKEN.filter(([ids]) => ids === id).map(([, ...rest]) => rest)

async function isTaken(_title: string, changes: AssertionChanges): Promise<void> {
  expect(await statusOf(await assertionOf(key, changes))).toBe(200)
}

describe('an assertion', () => {
  it.each(refusedBy('C22'))('RFC 7523 §3 · C22, C33 · is none with %s', isRefused)
  it.each(refusedBy('C23'))('RFC 7523 §3 · C23, D5 · is none with %s', isRefused)
  it.each(refusedBy('C24'))('RFC 7523 §3 · C24 · is none with %s', isRefused)
  it.each(refusedBy('C25'))('RFC 7523 §3 · C25 · is none with %s', isRefused)
  it.each(refusedBy('C26'))('RFC 7523 §3 · C26 · is none with %s', isRefused)
  it.each(refusedBy('D6'))('RFC 8725 §3.11 · D6 · is none with %s', isRefused)
  it.each(refusedBy('C30'))('RFC 7517 §4.5 · C30 · is none with %s', isRefused)
  it.each(refusedBy('C31'))('RFC 7515 §4.1.11 · C31 · is none with %s', isRefused)
  it.each(takenBy('C22'))('RFC 7523 §3 · C22 · may have %s', isTaken)
  it.each(takenBy('C24'))('RFC 7523 §3 · C24 · may have %s', isTaken)
  it.each(takenBy('C25'))('RFC 7523 §3 · C25 · may have %s', isTaken)
  it.each(takenBy('C26'))('RFC 7523 §3 · C26 · may have %s', isTaken)
  it.each(takenBy('D6'))('RFC 8725 §3.11 · D6 · may have %s', isTaken)
  it.each(takenBy('C30'))('RFC 7517 §4.5 · C30 · may have %s', isTaken)

  it('RFC 7523 §3 · C26 · passes once, and fifty at once are one', async () => {
    const test = serverOf([machine()])
    const assertion = await assertionOf(key)
    const statuses = await Promise.all(
      Array.from({ length: 50 }, async () => (await respond(test.server.token(asserting(assertion)))).status),
    )
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...Array.from({ length: 49 }, () => 401)])
  })

  it('RFC 7523 §3 · C26, C27 · is kept as used until nobody would take it any more, under a name that tells nothing', async () => {
    const test = serverOf([machine()])
    await test.server.token(asserting(await assertionOf(key, { claims: { jti: 'a secret name' } })))
    const [[name, until] = ['', 0]] = [...test.replays.claimed]
    expect(name).toMatch(/^assertion:[A-Za-z0-9_-]{43}$/)
    expect(until).toBeGreaterThanOrEqual(NOW + 60 + 10)
  })

  it('RFC 7523 §3 · C27 · is the client’s own: no client uses up that of another', async () => {
    const p = defineClient({ ...machine(), id: 'p' })
    const pk = defineClient({ ...machine(), id: 'pk' })
    const test = serverOf([p, pk])
    const by = (id: string, jti: string) => assertionOf(key, { claims: { iss: id, sub: id, jti } })
    for (const [id, jti] of [
      ['p', 'kX'],
      ['pk', 'X'],
      ['p', 'X'],
      ['pk', 'kX'],
    ] as const)
      expect((await respond(test.server.token(asserting(await by(id, jti))))).status).toBe(200)
    expect(test.replays.claimed.size).toBe(4)
  })

  it('RFC 9449 §8 · H9, C27 · is not used up by a request that is to be repeated, and is by one that is refused later', async () => {
    const dpopKey = await makeClientKey()
    const test = serverOf([machine({ dpopNonceRequired: true })])
    const ask = async (assertion: string, claims = {}, parameters = {}) =>
      respond(test.server.token({ ...asserting(assertion, parameters), dpop: await proofOf(dpopKey, { claims }) }))
    const assertion = await assertionOf(key)
    const first = await ask(assertion)
    expect(JSON.parse(first.body)).toMatchObject({ error: 'use_dpop_nonce' })
    const nonce = first.headers['dpop-nonce']
    expect((await ask(assertion, { nonce }, { scope: 'everything' })).status).toBe(400)
    expect((await ask(assertion, { nonce })).status).toBe(401)
  })

  it('RFC 7523 §3 · C26 · is neither good nor bad while nobody can say whether it was used', async () => {
    const test = serverOf([machine()])
    test.replays.fault = new Error('away')
    expect((await respond(test.server.token(asserting(await assertionOf(key))))).status).toBe(503)
    test.replays.fault = undefined
  })

  it('RFC 7523 §3 · D5 · may name the token endpoint, or be in a list of one, where the client is registered for it', async () => {
    const legacy = machine({ legacyAssertionAudience: true })
    const statusFor = async (aud: unknown) => statusOf(await assertionOf(key, { claims: { aud } }), legacy)
    for (const aud of [ISSUER, TOKEN_ENDPOINT, [ISSUER], [TOKEN_ENDPOINT]]) expect(await statusFor(aud)).toBe(200)
    for (const aud of [[ISSUER, TOKEN_ENDPOINT], [], [[ISSUER]], `${ISSUER}/oauth2/introspect`, 'https://evil.example'])
      expect(await statusFor(aud)).toBe(401)
  })

  it('RFC 7523 §3 · C24, C25 · may live longer where the operator says so', async () => {
    const overrides = { maxAssertionLifetime: 3600 }
    const ask = async (claims: object) =>
      (await answerTo(asserting(await assertionOf(key, { claims: { ...claims } })), machine(), overrides)).status
    expect(await ask({ exp: NOW + 3600, iat: NOW - 3000 })).toBe(200)
    expect(await ask({ exp: NOW + 3611 })).toBe(401)
    for (const maxAssertionLifetime of [59, 3601, 60.5, Number.NaN])
      expect(() => createTestServer([], { maxAssertionLifetime })).toThrow('maxAssertionLifetime must be')
  })
})

describe('what is written otherwise', () => {
  it.each<[string, (good: string) => string]>([
    ['two parts', (good) => good.split('.').slice(0, 2).join('.')],
    ['four parts', (good) => `${good}.`],
    ['five parts, as an encrypted token', (good) => `${good}.a.b`],
    ['an empty header', (good) => withParts(good, { header: '' })],
    ['an empty payload', (good) => withParts(good, { payload: '' })],
    ['an empty signature', (good) => withParts(good, { signature: '' })],
    ['padding', (good) => `${good}=`],
    ['a space behind it', (good) => `${good} `],
    ['a line break in it', (good) => good.replace('.', '.\n')],
    ['two tokens', (good) => `${good},${good}`],
    ['the JSON form', (good) => JSON.stringify({ payload: good.split('.')[1], signatures: [] })],
    ['a header that is no JSON', (good) => withParts(good, { header: 'AAAA' })],
    ['a payload that is a list', (good) => withParts(good, { payload: encoded([]) })],
    [
      'the alg none, and no signature',
      (good) => `${withParts(good, { header: encoded({ alg: 'none' }), signature: '' })}`,
    ],
    ['the alg none, and a signature', (good) => withParts(good, { header: encoded({ alg: 'none' }) })],
    ['the alg None', (good) => withParts(good, { header: encoded({ alg: 'None' }) })],
    ['no alg', (good) => withParts(good, { header: encoded({ typ: 'JWT' }) })],
    ['an alg that nobody knows', (good) => withParts(good, { header: encoded({ alg: 'ES256K' }) })],
    ['another signature', (good) => withParts(good, { signature: 'A'.repeat(86) })],
    [
      'a signature of nothing but zeros (CVE-2022-21449)',
      (good) => withParts(good, { signature: Buffer.alloc(64).toString('base64url') }),
    ],
    ['a longer signature', (good) => `${good}AAAA`],
    [
      'other claims',
      (good) =>
        withParts(good, { payload: encoded({ iss: 'machine', sub: 'machine', aud: ISSUER, exp: NOW + 60, jti: 'x' }) }),
    ],
    ['more than sixteen kilobytes', (good) => withParts(good, { payload: 'A'.repeat(16_384) })],
  ])('RFC 7523 §2.2 · C21, C28, C33 · is no assertion with %s', async (_, change) => {
    expect(await statusOf(change(await assertionOf(key)))).toBe(401)
  })

  it('RFC 7515 §5.2 · C21 · is no assertion where a member is named twice', async () => {
    const header = Buffer.from('{"alg":"ES256","kid":"one","kid":"two"}').toString('base64url')
    expect(await statusOf(withParts(await assertionOf(key), { header }))).toBe(401)
  })
})

describe('the keys of an assertion', () => {
  it('RFC 7517 §4.5 · C30, O11 · are told apart by their kid, and tried where several have it', async () => {
    const client = holding([other, key])
    expect(await statusOf(await assertionOf(key, { header: { kid: 'one' } }), client)).toBe(200)
    expect(await statusOf(await assertionOf(other, { header: { kid: 'one' } }), client)).toBe(200)
    const stranger = await makeAssertionKey()
    expect(await statusOf(await assertionOf(stranger, { header: { kid: 'one' } }), client)).toBe(401)
  })

  it('RFC 7517 §4.5 · C30 · are no more than eight without a kid', async () => {
    const keys = await Promise.all(
      Array.from({ length: 9 }, (_, index) => makeAssertionKey('Ed25519', { kid: `${index}` })),
    )
    const client = holding(keys)
    const [first] = keys
    const last = keys.at(-1)
    if (!first || !last) throw new Error('there are no keys')
    expect(await statusOf(await assertionOf(first), client)).toBe(200)
    expect(await statusOf(await assertionOf(last), client)).toBe(401)
    expect(await statusOf(await assertionOf(last, { header: { kid: '8' } }), client)).toBe(200)
  })

  it('RFC 8725 §3.1 · C28 · serve the algorithm that they are registered for, and no other', async () => {
    const rsa = await makeAssertionKey('RS256', { alg: 'PS256' })
    expect(await statusOf(await assertionOf(rsa), holding([rsa]))).toBe(401)
    const own = await makeAssertionKey('ES256', { alg: 'ES256' })
    expect(await statusOf(await assertionOf(own), holding([own]))).toBe(200)
    const only = holding([own], { tokenEndpointAuthSigningAlg: 'ES384' })
    expect(await statusOf(await assertionOf(own), only)).toBe(401)
  })

  it('RFC 8725 §3.1 · C28 · are no secrets: what is public signs nothing', async () => {
    const { publicKey } = await generateKeyPair('RS256', { extractable: true })
    const rsa = await makeAssertionKey('RS256')
    for (const material of [await exportSPKI(publicKey), JSON.stringify(rsa.jwk), rsa.jwk.n ?? '', key.jwk.x ?? '']) {
      const signed = `${encoded({ alg: 'HS256' })}.${encoded({ iss: 'machine', sub: 'machine', aud: ISSUER, exp: NOW + 60, jti: 'forged' })}`
      const signature = createHmac('sha256', material).update(signed).digest('base64url')
      const seal = createSecretSeal({ masterKey: 'ephemeral' })
      const answer = await answerTo(asserting(`${signed}.${signature}`), holding([rsa, key]), { secretSeal: seal })
      expect(answer.status).toBe(401)
    }
  })

  it.each(['jwk', 'jku', 'x5u', 'x5c'])(
    'RFC 8725 §3.10 · C31 · are never those that the assertion brings along: %s',
    async (member) => {
      const stranger = await makeAssertionKey()
      const value = { jwk: stranger.jwk, x5c: ['AAAA'] }[member] ?? 'https://evil.example/keys'
      expect(await statusOf(await assertionOf(stranger, { header: { [member]: value } }))).toBe(401)
      expect(await statusOf(await assertionOf(key, { header: { [member]: value } }))).toBe(200)
    },
  )

  it('RFC 7518 §3.3 · C32 · are registered only where they are strong, and never with their private half', async () => {
    const weak = { kty: 'RSA', n: Buffer.alloc(128, 0xff).toString('base64url'), e: 'AQAB' } as const
    const even = { kty: 'RSA', n: Buffer.alloc(256, 0xfe).toString('base64url'), e: 'AQAB' } as const
    const three = { kty: 'RSA', n: Buffer.alloc(256, 0xff).toString('base64url'), e: 'AQ' } as const
    for (const jwk of [
      weak,
      even,
      three,
      { kty: 'EC', crv: 'secp256k1', x: key.jwk.x, y: key.jwk.y },
      { ...key.jwk, d: 'AA' },
    ])
      expect(() => holding([{ ...key, jwk: jwk as AssertionKey['jwk'] }])).toThrow('credential "keys": keys[0]')
  })

  it('RFC 7518 §3.3 · C32 · are not used where they are weak, though they were registered', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const client = {
      ...machine(),
      credentials: [{ kind: 'jwks', id: 'keys', keys: [publicKey.export({ format: 'jwk' })] }],
    } as Client
    const claims = { iss: 'machine', sub: 'machine', aud: ISSUER, exp: NOW + 60, jti: 'weak' }
    const signed = `${encoded({ alg: 'RS256' })}.${encoded(claims)}`
    const assertion = `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
    expect(await statusOf(assertion, client)).toBe(401)
  })

  it('RFC 7591 §2 · C3 · count only where the client is registered for them, and while their credential is live', async () => {
    const assertion = () => assertionOf(key)
    expect(await statusOf(await assertion(), machine({ tokenEndpointAuthMethod: 'private_key_jwt' }))).toBe(200)
    for (const tokenEndpointAuthMethod of ['client_secret_basic', 'client_secret_jwt', 'tls_client_auth'] as const)
      expect(await statusOf(await assertion(), machine({ tokenEndpointAuthMethod }))).toBe(401)
    const keys = [key.jwk]
    for (const times of [{ notBefore: NOW + 1 }, { expiresAt: NOW }])
      expect(
        await statusOf(await assertion(), machine({ credentials: [{ kind: 'jwks', id: 'keys', keys, ...times }] })),
      ).toBe(401)
    const both = [
      { kind: 'jwks', id: 'old', keys, expiresAt: NOW },
      { kind: 'jwks', id: 'new', keys },
    ] as const
    expect(await statusOf(await assertion(), machine({ credentials: both }))).toBe(200)
    expect(await statusOf(await assertion(), machine({ enabled: false }))).toBe(401)
  })
})

describe('keys that are published', () => {
  const URI = 'https://client.example/keys'
  const published = (more: Partial<ClientDefinition> = {}) =>
    machine({ credentials: [{ kind: 'jwks_uri', id: 'published', uri: URI }], ...more })

  it('RFC 7591 §2 · C30 · let a client in like keys that are registered', async () => {
    const { documents } = publishing({ [URI]: keySet(key) })
    const answer = await answerTo(asserting(await assertionOf(key)), published(), { remoteDocuments: documents })
    expect(answer.status).toBe(200)
    expect(await statusOf(await assertionOf(key), published())).toBe(401)
  })

  it('RFC 7517 §4.5 · C30 · are fetched anew for a kid that is not among them, once a minute for each client', async () => {
    const host = publishing({ [URI]: keySet(key) })
    const test = serverOf([published()], { remoteDocuments: host.documents })
    const ask = async (by: AssertionKey, kid: string) =>
      (await respond(test.server.token(asserting(await assertionOf(by, { header: { kid } }))))).status
    expect(await ask(key, 'one')).toBe(200)
    expect(host.refetched).toEqual([])
    host.pages[URI] = keySet({ ...other, jwk: { ...other.jwk, kid: 'two' } })
    expect(await ask(other, 'two')).toBe(200)
    expect(await ask(other, 'three')).toBe(401)
    expect(await ask(other, 'four')).toBe(401)
    expect(host.refetched).toEqual([URI])
    const askLate = async (kid: string) => {
      const now = test.clock.seconds
      const late = { claims: { exp: now + 60, iat: now }, header: { kid } }
      expect((await respond(test.server.token(asserting(await assertionOf(other, late))))).status).toBe(401)
    }
    test.clock.seconds += 59
    await askLate('five')
    expect(host.refetched).toEqual([URI])
    test.clock.seconds += 1
    await askLate('six')
    expect(host.refetched).toEqual([URI, URI])
  })

  it('RFC 7517 §4.5 · C30 · are fetched anew once for all who ask at a time, and none of them is refused', async () => {
    const host = publishing({ [URI]: keySet(key) })
    const neighbour = published({ id: 'neighbour' })
    const { server } = serverOf([published(), neighbour], { remoteDocuments: host.documents })
    const ask = async (id: string) => {
      const assertion = await assertionOf(other, { claims: { iss: id, sub: id }, header: { kid: 'two' } })
      return (await respond(server.token(asserting(assertion)))).status
    }
    await respond(server.token(asserting(await assertionOf(key))))
    host.pages[URI] = keySet({ ...other, jwk: { ...other.jwk, kid: 'two' } })
    const asked = Array.from({ length: 20 }, (_, index) => ask(index % 2 ? 'machine' : 'neighbour'))
    expect(await Promise.all(asked)).toEqual(asked.map(() => 200))
    expect(host.refetched).toEqual([URI])
  })

  it.each<[string, string | { readonly reason: string }, string]>([
    ['what is no JSON', '<html>', 'are none: it is no JWK Set'],
    ['a list', '[]', 'are none: it is no JWK Set'],
    ['no keys', '{"keys":{}}', 'are none: it is no JWK Set'],
    ['a name twice', '{"keys":[],"keys":[]}', 'are none: it is no JWK Set'],
    ['an answer that is none', { reason: 'its host answered 404' }, 'cannot be had: its host answered 404'],
  ])('RFC 7517 §5 · C30 · are nobody’s where there is %s, which the operator reads', async (_, page, reason) => {
    const { documents } = publishing({ [URI]: page })
    const test = serverOf([published()], { remoteDocuments: documents })
    const answer = await respond(test.server.token(asserting(await assertionOf(key))))
    expect(answer.status).toBe(401)
    expect(await reasonsOf(test)).toEqual([`the assertion was refused: the keys that are published ${reason}`])
  })

  it('RFC 7517 §5 · C30, C32 · are used apart from those that cannot be, and never more than are read', async () => {
    const unfit = [null, 7, {}, { kty: 'oct', k: 'AAAA' }, { ...key.jwk, use: 'enc' }, { ...key.jwk, d: 'AA' }]
    const some = publishing({ [URI]: JSON.stringify({ keys: [...unfit, key.jwk] }) })
    const ask = async (documents: RemoteDocuments) =>
      (await answerTo(asserting(await assertionOf(key)), published(), { remoteDocuments: documents })).status
    expect(await ask(some.documents)).toBe(200)
    const many = publishing({ [URI]: JSON.stringify({ keys: Array.from({ length: 33 }, () => key.jwk) }) })
    expect(await ask(many.documents)).toBe(401)
  })

  it('RFC 7591 §2 · C30 · are neither good nor bad while their host is away', async () => {
    const { documents } = publishing({})
    const answer = await answerTo(asserting(await assertionOf(key)), published(), { remoteDocuments: documents })
    expect(answer.status).toBe(503)
  })

  it('RFC 7591 §2 · C30 · stand in the way of no key that is registered beside them, while their host is away', async () => {
    const away = publishing({}).documents
    const registered = { kind: 'jwks', id: 'keys', keys: [key.jwk] } as const
    const place = { kind: 'jwks_uri', id: 'place', uri: URI } as const
    const statusFor = async (by: AssertionKey, ...credentials: ClientDefinition['credentials'] & object) =>
      (await answerTo(asserting(await assertionOf(by)), machine({ credentials }), { remoteDocuments: away })).status
    for (const credentials of [
      [registered, place],
      [place, registered],
    ]) {
      expect(await statusFor(key, ...credentials)).toBe(200)
      // It may be one of those that cannot be had.
      expect(await statusFor(other, ...credentials)).toBe(503)
    }
    expect(await statusFor(key, { ...registered, expiresAt: NOW }, place)).toBe(503)
    expect(await statusFor(other, registered, { ...place, expiresAt: NOW })).toBe(401)
  })

  it('RFC 8705 §2.2 · C44 · stand in the way of no certificate that is registered beside them, while their host is away', async () => {
    const [own, strange] = [1, 2].map((serial) => certificateOf({ subject: [[[COMMON_NAME, 'a']]], serial }, false))
    if (!own || !strange) throw new Error('there are no certificates')
    const x5c = [Buffer.from(own.der).toString('base64')] as const
    const registered = { kind: 'jwks', id: 'keys', keys: [{ ...key.jwk, x5c }] } as const
    const place = { kind: 'jwks_uri', id: 'place', uri: URI } as const
    for (const credentials of [
      [registered, place],
      [place, registered],
    ]) {
      const statusFor = async (clientCertificate: ClientCertificate) =>
        (
          await answerTo(
            { clientCertificate, form: formOf({ ...GRANT, client_id: 'machine' }) },
            machine({ credentials }),
            { remoteDocuments: publishing({}).documents, mutualTls: {} },
          )
        ).status
      expect(await statusFor(own)).toBe(200)
      expect(await statusFor(strange)).toBe(503)
    }
  })

  it('RFC 8705 §2.2 · C44 · may be certificates that the client signed itself, and those be replaced', async () => {
    const [first, second] = [1, 2].map((serial) => certificateOf({ subject: [[[COMMON_NAME, 'a']]], serial }, false))
    if (!first || !second) throw new Error('there are no certificates')
    const certified = (certificate: ClientCertificate) =>
      JSON.stringify({ keys: [{ ...key.jwk, x5c: [Buffer.from(certificate.der).toString('base64')] }] })
    const host = publishing({ [URI]: certified(first) })
    const test = serverOf([published()], { remoteDocuments: host.documents, mutualTls: {} })
    const ask = async (clientCertificate: ClientCertificate) =>
      (await respond(test.server.token({ clientCertificate, form: formOf({ ...GRANT, client_id: 'machine' }) }))).status
    expect(await ask(first)).toBe(200)
    host.pages[URI] = certified(second)
    expect(await ask(second)).toBe(200)
    expect(await ask(first)).toBe(401)
  })
})

describe('client_secret_jwt', () => {
  const SECRET = 'a secret that is as long as a hash is and longer, to be good for each of the three'
  const masterKey = Buffer.alloc(32, 7).toString('base64url')
  const seal = createSecretSeal({ masterKey })
  const signing = (alg: string, secret = SECRET) => ({ alg, privateKey: Buffer.from(secret) })

  async function sealed(more: Partial<ClientDefinition> = {}, secret = SECRET): Promise<Client> {
    const [hash, text] = [
      generateSecret().hash,
      await seal.seal({ clientId: 'machine', credentialId: 'secret' }, secret),
    ]
    const named = hash.replace(/id=\w{12}/, 'id=AAAAAAAAAAAA') as typeof hash
    const credential = { kind: 'secret', id: 'AAAAAAAAAAAA', hash: named } as const
    const owner = { clientId: 'machine', credentialId: credential.id }
    expect(text).toMatch(/^v1\./)
    return machine({
      tokenEndpointAuthMethod: 'client_secret_jwt',
      credentials: [{ ...credential, sealed: await seal.seal(owner, secret) }],
      ...more,
    })
  }

  const ask = async (assertion: string, client: Client) =>
    (await answerTo(asserting(assertion), client, { secretSeal: seal })).status

  it.each(['HS256', 'HS384', 'HS512'])('RFC 7523 §2.2 · C28, C29 · lets a client in by its secret: %s', async (alg) => {
    expect(await ask(await assertionOf(signing(alg)), await sealed())).toBe(200)
    expect(await ask(await assertionOf(signing(alg, `${SECRET}.`)), await sealed())).toBe(401)
  })

  it('RFC 8725 §3.1 · C28 · takes no key pair, and private_key_jwt no secret', async () => {
    const { credentials } = await sealed()
    const both = [...credentials, { kind: 'jwks', id: 'keys', keys: [key.jwk] } as const]
    const bySecret = () => assertionOf(signing('HS256'))
    expect(await ask(await assertionOf(key), await sealed({ credentials: both }))).toBe(401)
    expect(await ask(await bySecret(), await sealed({ credentials: both }))).toBe(200)
    const other = { credentials: both, tokenEndpointAuthMethod: 'private_key_jwt' } as const
    expect(await ask(await bySecret(), await sealed(other))).toBe(401)
    expect(await ask(await assertionOf(key), await sealed(other))).toBe(200)
  })

  it('RFC 7518 §3.2 · C29 · takes no secret that is shorter than the hash', async () => {
    const short = 'x'.repeat(40)
    expect(await ask(await assertionOf(signing('HS256', short)), await sealed({}, short))).toBe(200)
    expect(await ask(await assertionOf(signing('HS384', short)), await sealed({}, short))).toBe(401)
  })

  it('RFC 7523 §2.2 · C28 · takes no secret of which only the hash is kept', async () => {
    const { credentials } = await sealed()
    const [{ sealed: _sealed, ...unsealed } = credentials[0] as SecretCredential] = credentials as SecretCredential[]
    expect(await ask(await assertionOf(signing('HS256')), await sealed({ credentials: [unsealed] }))).toBe(401)
  })

  it('RFC 7523 §2.2 · C28 · is neither right nor wrong while nobody can open the secret', async () => {
    const foreign = createSecretSeal({ masterKey: Buffer.alloc(32, 8).toString('base64url') })
    const assertion = asserting(await assertionOf(signing('HS256')))
    expect((await answerTo(assertion, await sealed(), { secretSeal: foreign })).status).toBe(503)
    const [old] = (await sealed()).credentials as SecretCredential[]
    if (old === undefined) throw new Error('there is no credential')
    const owner = { clientId: 'machine', credentialId: 'new' }
    const fresh = { kind: 'secret', id: 'new', hash: CHOSEN.hash, sealed: await foreign.seal(owner, SECRET) } as const
    const both = (expiresAt: number) => sealed({ credentials: [{ ...old, expiresAt }, fresh] })
    expect((await answerTo(assertion, await both(NOW + 1), { secretSeal: foreign })).status).toBe(503)
    expect((await answerTo(assertion, await both(NOW), { secretSeal: foreign })).status).toBe(200)
    const newer = createSecretSeal({
      masterKey: Buffer.alloc(32, 8).toString('base64url'),
      previousMasterKey: masterKey,
    })
    expect((await answerTo(assertion, await sealed(), { secretSeal: newer })).status).toBe(200)
  })

  it('RFC 7523 §2.2 · C28 · opens no secret that was moved to another client', async () => {
    const moved = { ...(await sealed()), id: 'other' }
    const assertion = await assertionOf(signing('HS256'), { claims: { iss: 'other', sub: 'other' } })
    expect(await ask(assertion, moved)).toBe(503)
  })

  it('RFC 8414 §2 · K5 · is named in the metadata where secrets can be opened', () => {
    const { metadata } = serverOf([], { secretSeal: seal }).server
    expect(metadata.token_endpoint_auth_methods_supported).toContain('client_secret_jwt')
    expect(metadata.token_endpoint_auth_signing_alg_values_supported).toEqual([
      ...SIGNING_ALGORITHMS,
      ...['HS256', 'HS384', 'HS512'],
    ])
  })

  it('RFC 7518 §3.2 · C29 · is registered with a secret that is long enough, and in clear', async () => {
    const problemOf = (client: object) => () => parseClientsFile(JSON.stringify({ machine: client }))
    const method = { token_endpoint_auth_method: 'client_secret_jwt' }
    expect(problemOf({ ...method, client_secret: 'x'.repeat(31) })).toThrow('at least 32 bytes')
    const longer = { ...method, token_endpoint_auth_signing_alg: 'HS512' }
    expect(problemOf({ ...longer, client_secret: 'x'.repeat(63) })).toThrow('at least 64 bytes for HS512')
    expect(problemOf({ ...method, client_secret_hash: generateSecret().hash })).toThrow('the secret itself')
    const [registered] = problemOf({ ...longer, client_secret: 'x'.repeat(64) })().clients
    if (registered === undefined) throw new Error('there is no client')
    await expect(clientFromRegistration(registered)).rejects.toThrow('master key')
    const { credentials } = await clientFromRegistration(registered, seal)
    expect(credentials).toMatchObject([{ kind: 'secret', sealed: expect.stringMatching(/^v1\./) }])
  })

  it('RFC 7523 §2.2 · C29 · keeps what is sealed as long as it opens, and seals nothing for another method', async () => {
    const fileOf = (client: object) => {
      const [registered] = parseClientsFile(JSON.stringify({ machine: client })).clients
      if (registered === undefined) throw new Error('there is no client')
      return registered
    }
    const secret = generateSecret().secret
    const signs = fileOf({ token_endpoint_auth_method: 'client_secret_jwt', client_secret: secret })
    const first = await clientOfFile(signs, seal).basedOn(undefined)
    expect(await clientOfFile(signs, seal).basedOn(first)).toEqual(first)
    const lost = createSecretSeal({ masterKey: 'ephemeral' })
    const again = await clientOfFile(signs, lost).basedOn(first)
    expect(again).not.toEqual(first)
    expect(await clientOfFile(signs, lost).basedOn(again)).toEqual(again)
    const shows = await clientOfFile(fileOf({ client_secret: secret }), seal).basedOn(undefined)
    expect(shows.credentials[0]).not.toHaveProperty('sealed')
    // A file need not say what the client was registered for, nor hold its secret in clear.
    expect(await clientOfFile(fileOf({ client_secret: secret }), seal).basedOn(first)).toEqual(first)
    const [hash] = first.credentials.map((credential) => (credential as SecretCredential).hash)
    expect(await clientOfFile(fileOf({ client_secret_hash: hash })).basedOn(first)).toEqual(first)
    const left = fileOf({ token_endpoint_auth_method: 'client_secret_basic', client_secret: secret })
    expect((await clientOfFile(left, seal).basedOn(first)).credentials[0]).not.toHaveProperty('sealed')
  })

  it('RFC 7523 §2.2 · C29 · keeps nothing sealed for a client that does not sign with its secret', async () => {
    const { credentials } = await sealed()
    expect(defineClient({ id: 'machine', credentials }).credentials[0]).not.toHaveProperty('sealed')
    const { credentials: kept } = machine({ credentials, tokenEndpointAuthMethod: 'client_secret_jwt' })
    expect(kept).toEqual(credentials)
  })
})
