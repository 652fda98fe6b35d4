import { CompactSign, exportJWK, generateKeyPair } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import type { AuthorizationServerOptions, Client, EndpointResponse } from '../../src/index.ts'
import { SIGNING_ALGORITHMS } from '../../src/index.ts'
import {
  type ClientKey,
  makeClientKey,
  type ProofChanges,
  proofOf,
  type ReplaysInSight,
  replaysInSight,
  TOKEN_ADDRESS,
} from '../dpop-proofs.ts'
import { createJwtTestServer, partsOf } from '../jwt-server.ts'
import {
  asReports,
  createTestServer,
  GRANT,
  ISSUER,
  NOW,
  posted,
  refusalOf,
  reports,
  respond,
  type TestServer,
} from '../test-server.ts'

type DpopServer = TestServer & { readonly replays: ReplaysInSight }

function dpopServer(clients?: readonly Client[], overrides: Partial<AuthorizationServerOptions> = {}): DpopServer {
  const replays = replaysInSight()
  return { ...createTestServer(clients, { replays, ...overrides }), replays }
}

const ask = ({ server }: TestServer, dpop: string | readonly string[] | undefined, parameters = {}) =>
  server.token({ ...asReports({ ...GRANT, ...parameters }), dpop })

const answerTo = (test: TestServer, dpop: string | undefined, parameters = {}): Promise<EndpointResponse> =>
  respond(ask(test, dpop, parameters))

let key: ClientKey
beforeAll(async () => {
  key = await makeClientKey()
})

const SECRET = 'A'.repeat(43)
const OTHER_SECRET = `${'B'.repeat(42)}A`

describe('a token request with a proof', () => {
  it.each([...SIGNING_ALGORITHMS])(
    'RFC 9449 §5 · H2, H10, E3 · gets a token that is bound to its key: %s',
    async (alg) => {
      const own = await makeClientKey(alg)
      const test = dpopServer()
      const answer = await ask(test, await proofOf(own))
      expect(answer).toMatchObject({ token_type: 'DPoP', expires_in: 3600 })
      const introspected = await test.server.introspect(asReports({ token: answer.access_token }))
      expect(introspected).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: own.jkt } })
    },
  )

  it('RFC 9449 §6.1 · H10, E3 · gets a self-contained one that says so itself', async () => {
    const test = await createJwtTestServer(undefined, { replays: replaysInSight() })
    const answer = await ask(test, await proofOf(key))
    expect(answer.token_type).toBe('DPoP')
    expect(partsOf(answer.access_token).payload['cnf']).toEqual({ jkt: key.jkt })
    expect(await test.server.introspect(asReports({ token: answer.access_token }))).toMatchObject({
      cnf: { jkt: key.jkt },
    })
  })

  it('RFC 9449 §5 · E3 · gets a bearer token without one, and where proofs are not looked at', async () => {
    const test = dpopServer()
    expect((await ask(test, undefined)).token_type).toBe('Bearer')
    expect((await ask(createTestServer(), await proofOf(key))).token_type).toBe('Bearer')
  })

  it('RFC 9449 §5.1 · K6 · learns by which algorithms it may sign, exactly where proofs are looked at', () => {
    expect(dpopServer().server.metadata.dpop_signing_alg_values_supported).toEqual(SIGNING_ALGORITHMS)
    expect(createTestServer().server.metadata).not.toHaveProperty('dpop_signing_alg_values_supported')
  })
})

/** Proofs that are none, each with the reason that the operator reads. */
const REFUSED: readonly (readonly [id: string, title: string, changes: ProofChanges, reason: string])[] = [
  ['H2', 'no typ', { header: { typ: undefined } }, 'its typ is another'],
  ['H2', 'the typ of an access token', { header: { typ: 'at+jwt' } }, 'its typ is another'],
  ['H2', 'the typ JWT', { header: { typ: 'JWT' } }, 'its typ is another'],
  ['H2', 'no jwk', { header: { jwk: undefined } }, 'its jwk is no public key'],
  ['H2', 'a jwk that is no object', { header: { jwk: 'a key' } }, 'its jwk is no public key'],
  ['H2', 'a jwk that is a list', { header: { jwk: [] } }, 'its jwk is no public key'],
  ['H2', 'a jwk without a type', { header: { jwk: { crv: 'P-256' } } }, 'its jwk is no public key'],
  ['H2', 'a jwk of a type that nobody knows', { header: { jwk: { kty: '__proto__' } } }, 'its jwk is no public key'],
  ['H2', 'a shared secret for a jwk', { header: { jwk: { kty: 'oct', k: 'AA' } } }, 'its jwk is no public key'],
  [
    'H2',
    'a jwk that lacks a coordinate',
    { header: { jwk: { kty: 'EC', crv: 'P-256', x: 'AA' } } },
    'its jwk is no public key',
  ],
  [
    'H2',
    'a jwk of no point',
    { header: { jwk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } } },
    'its jwk is no key that is fit',
  ],
  [
    'H2',
    'a jwk on another curve',
    { header: { jwk: { kty: 'EC', crv: 'P-521', x: 'AA', y: 'AA' } } },
    'its jwk is no key that is fit',
  ],
  ['H2', 'an extension that is critical', { header: { crit: ['urn:example'], 'urn:example': 1 } }, 'an extension'],
  ['H3', 'another method', { claims: { htm: 'GET' } }, 'its htm'],
  ['H3', 'the method in another case', { claims: { htm: 'post' } }, 'its htm'],
  ['H3', 'no method', { claims: { htm: undefined } }, 'its htm'],
  ['H3', 'a method that is a list', { claims: { htm: ['POST'] } }, 'its htm'],
  ['H4', 'the address of another server', { claims: { htu: 'https://evil.example/oauth2/token' } }, 'its htu'],
  ['H4', 'another endpoint', { claims: { htu: `${ISSUER}/oauth2/revoke` } }, 'its htu'],
  ['H4', 'the issuer', { claims: { htu: ISSUER } }, 'its htu'],
  ['H4', 'a slash at the end', { claims: { htu: `${TOKEN_ADDRESS}/` } }, 'its htu'],
  ['H4', 'another scheme', { claims: { htu: TOKEN_ADDRESS.replace('https', 'http') } }, 'its htu'],
  ['H4', 'another port', { claims: { htu: TOKEN_ADDRESS.replace('.com', '.com:8443') } }, 'its htu'],
  ['H4', 'the path in another case', { claims: { htu: TOKEN_ADDRESS.replace('token', 'Token') } }, 'its htu'],
  ['H4', 'an escaped slash', { claims: { htu: TOKEN_ADDRESS.replace('/token', '%2Ftoken') } }, 'its htu'],
  ['H4', 'a user name', { claims: { htu: TOKEN_ADDRESS.replace('https://', 'https://user@') } }, 'its htu'],
  ['H4', 'a backslash for a slash', { claims: { htu: TOKEN_ADDRESS.replace('/token', '\\token') } }, 'its htu'],
  ['H4', 'a space around it', { claims: { htu: ` ${TOKEN_ADDRESS}` } }, 'its htu'],
  ['H4', 'a path alone', { claims: { htu: '/oauth2/token' } }, 'its htu'],
  ['H4', 'no address', { claims: { htu: undefined } }, 'its htu'],
  ['H4', 'an address in a list', { claims: { htu: [TOKEN_ADDRESS] } }, 'its htu'],
  ['H5', 'an iat too long ago', { claims: { iat: NOW - 301 } }, 'too long ago'],
  ['H5', 'an iat an hour ago', { claims: { iat: NOW - 3600 } }, 'too long ago'],
  ['H5', 'an iat too far ahead', { claims: { iat: NOW + 11 } }, 'in the future'],
  ['H5', 'an iat an hour ahead', { claims: { iat: NOW + 3600 } }, 'in the future'],
  ['H5', 'an iat in milliseconds', { claims: { iat: NOW * 1000 } }, 'in the future'],
  ['H5', 'no iat', { claims: { iat: undefined } }, 'its iat'],
  ['H5', 'an iat that is a text', { claims: { iat: String(NOW) } }, 'its iat'],
  ['H5', 'an iat that is null', { claims: { iat: null } }, 'its iat'],
  ['H6', 'no jti', { claims: { jti: undefined } }, 'its jti'],
  ['H6', 'an empty jti', { claims: { jti: '' } }, 'its jti'],
  ['H6', 'a jti that is a number', { claims: { jti: 7 } }, 'its jti'],
  ['H6', 'a jti of 257 characters', { claims: { jti: 'j'.repeat(257) } }, 'its jti'],
  ['H7', 'a nonce that is a number', { claims: { nonce: 7 } }, 'its nonce'],
  ['H7', 'a nonce that is null', { claims: { nonce: null } }, 'its nonce'],
  ['H12', 'an exp that has passed', { claims: { exp: NOW - 10 } }, 'has expired'],
  ['H12', 'an exp that is a text', { claims: { exp: 'never' } }, 'has expired'],
  ['H12', 'an nbf that is to come', { claims: { nbf: NOW + 11 } }, 'does not count yet'],
  ['H12', 'an nbf that is a text', { claims: { nbf: 'now' } }, 'does not count yet'],
]

const refusedBy = (wanted: string) =>
  REFUSED.filter(([id]) => id === wanted).map(([, title, changes, reason]) => [title, changes, reason] as const)

async function isRefused(_title: string, changes: ProofChanges, reason: string): Promise<void> {
  const test = dpopServer()
  expect(await refusalOf(ask(test, await proofOf(key, changes)))).toBe('400 invalid_dpop_proof')
  expect(await test.events()).toMatchObject([
    {
      type: 'token_refused',
      clientId: 'reports',
      error: 'invalid_dpop_proof',
      reason: expect.stringContaining(reason),
    },
  ])
  expect([test.tokens.size, test.replays.claimed.size]).toEqual([0, 0])
}

describe('a proof', () => {
  it.each(refusedBy('H2'))('RFC 9449 §4.3 · H2 · is none with %s', isRefused)
  it.each(refusedBy('H3'))('RFC 9449 §4.3 · H3 · is none with %s', isRefused)
  it.each(refusedBy('H4'))('RFC 9449 §4.3 · H4 · is none with %s', isRefused)
  it.each(refusedBy('H5'))('RFC 9449 §11.1 · H5 · is none with %s', isRefused)
  it.each(refusedBy('H6'))('RFC 9449 §4.2 · H6 · is none with %s', isRefused)
  it.each(refusedBy('H7'))('RFC 9449 §8 · H7 · is none with %s', isRefused)
  it.each(refusedBy('H12'))('RFC 9449 §4.2 · H12 · is none with %s', isRefused)

  it('RFC 9449 §4.3 · H2 · is one compact JWS, signed by the key that it holds', async () => {
    const test = dpopServer()
    const proof = await proofOf(key)
    const [header, payload, signature] = proof.split('.') as [string, string, string]
    const stranger = await makeClientKey()
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'dpop+jwt', jwk: key.jwk })).toString('base64url')
    const hs256 = { alg: 'HS256', typ: 'dpop+jwt', jwk: key.jwk }
    const withPublicKeyAsSecret = await new CompactSign(Buffer.from(payload, 'base64url'))
      .setProtectedHeader(hs256)
      .sign(Buffer.from(JSON.stringify(key.jwk)))
    const privateJwk = await exportJWK(key.privateKey)
    const { privateKey: weak, publicKey: weakPublic } = await generateKeyPair('RS256', {
      modulusLength: 2048,
      extractable: true,
    })
    const exponentOfOne = { ...(await exportJWK(weakPublic)), e: 'AQ' }
    const broken = [
      '',
      'no proof',
      `${header}.${payload}`,
      `${header}.${payload}.`,
      `${proof}.${signature}`,
      `${header}.${payload}.${(await proofOf(key)).split('.')[2]}`,
      `${none}.${payload}.`,
      `${none}.${payload}.${signature}`,
      ` ${proof}`,
      `${proof}=`,
      JSON.stringify({ protected: header, payload, signature }),
      withPublicKeyAsSecret,
      await proofOf({ ...stranger, jwk: key.jwk }),
      await proofOf(key, { header: { jwk: privateJwk } }),
      await proofOf(key, { header: { jwk: { ...key.jwk, d: '' } } }),
      await proofOf(key, { header: { jwk: { ...key.jwk, x: `${key.jwk.x}=` } } }),
      await proofOf({ alg: 'RS256', privateKey: weak, jwk: exponentOfOne }),
      await proofOf(key, { header: { padding: 'x'.repeat(9000) } }),
    ]
    for (const dpop of broken)
      expect([dpop, await refusalOf(ask(test, dpop))]).toEqual([dpop, '400 invalid_dpop_proof'])
    expect(test.replays.claimed.size).toBe(0)
  })

  it.each([
    ['its host in capitals', 'https://AUTH.EXAMPLE.COM/oauth2/token'],
    ['its scheme in capitals', 'HTTPS://auth.example.com/oauth2/token'],
    ['the usual port', 'https://auth.example.com:443/oauth2/token'],
    ['a query', `${TOKEN_ADDRESS}?x=y`],
    ['a fragment', `${TOKEN_ADDRESS}#x`],
    ['an empty query and an empty fragment', `${TOKEN_ADDRESS}?#`],
    ['letters that are escaped', 'https://auth.example.com/%6fauth2/%74oken'],
    ['dot segments', 'https://auth.example.com/a/.././oauth2/./token'],
    ['dot segments that are escaped', 'https://auth.example.com/a/%2e%2E/oauth2/token'],
  ])('RFC 9449 §4.3 · H4 · may write the address with %s', async (_, htu) => {
    expect((await ask(dpopServer(), await proofOf(key, { claims: { htu } }))).token_type).toBe('DPoP')
  })

  it('RFC 9449 §4.3 · H4 · is of the address from outside: that of the issuer, with its path', async () => {
    const test = dpopServer(undefined, { issuer: 'https://example.com:8443/tenant' })
    const good = { claims: { htu: 'https://example.com:8443/tenant/oauth2/token' } }
    expect((await ask(test, await proofOf(key, good))).token_type).toBe('DPoP')
    expect(await refusalOf(ask(test, await proofOf(key)))).toBe('400 invalid_dpop_proof')
  })

  it.each([NOW - 300, NOW - 10, NOW - 0.5, NOW + 10])('RFC 9449 §11.1 · H5 · may have been made at %d', async (iat) => {
    expect((await ask(dpopServer(), await proofOf(key, { claims: { iat } }))).token_type).toBe('DPoP')
  })

  it('RFC 9449 §4.2 · H12, H13 · may hold what nobody knows, and need not name a token', async () => {
    const header = { kid: 'a key', x: [1] }
    const claims = { exp: NOW + 1, nbf: NOW, iss: 'anybody', aud: ['x'], ath: 'anything', more: { a: null } }
    const jwk = { ...key.jwk, kid: 'mine', use: 'sig', more: true }
    const test = dpopServer()
    const { access_token } = await ask(test, await proofOf(key, { header: { ...header, jwk }, claims }))
    expect(await test.server.introspect(asReports({ token: access_token }))).toMatchObject({ cnf: { jkt: key.jkt } })
  })

  it('RFC 9449 §4.3 · H1, A10 · is one alone, which is found out before authentication', async () => {
    const test = dpopServer()
    const proof = await proofOf(key)
    for (const dpop of [[proof, proof], [proof, await proofOf(key)], `${proof}, ${proof}`, [`${proof},`], ['', '']]) {
      expect(await refusalOf(ask(test, dpop))).toBe('400 invalid_dpop_proof')
      expect(await refusalOf(test.server.token({ ...posted(GRANT), dpop }))).toBe('400 invalid_dpop_proof')
    }
    expect(test.asked).toEqual([])
    expect((await ask(test, [proof])).token_type).toBe('DPoP')
  })
})

describe('a proof that was shown before', () => {
  it('RFC 9449 §11.1 · H6 · is refused, as long as it would be believed', async () => {
    const test = dpopServer()
    const proof = await proofOf(key)
    await ask(test, proof)
    for (const later of [0, 150, 300]) {
      test.clock.seconds = NOW + later
      expect(await refusalOf(ask(test, proof))).toBe('400 invalid_dpop_proof')
    }
    const [[claimed, until]] = [...test.replays.claimed] as [[string, number]]
    expect(until).toBeGreaterThan(NOW + 300)
    // Nothing of the proof is kept but a hash.
    expect(claimed).toMatch(/^dpop:[\w-]{43}$/)
  })

  it('RFC 9449 §11.1 · H6 · is known by its key, its address and its jti together', async () => {
    const test = dpopServer()
    const other = await makeClientKey()
    const jti = 'the same'
    await ask(test, await proofOf(key, { claims: { jti } }))
    expect((await ask(test, await proofOf(other, { claims: { jti } }))).token_type).toBe('DPoP')
    // However the address is written, and whenever it was made.
    const again = { jti, iat: NOW - 1, htu: 'HTTPS://auth.example.com:443/oauth2/token?x' }
    expect(await refusalOf(ask(test, await proofOf(key, { claims: again })))).toBe('400 invalid_dpop_proof')
  })

  it('RFC 9449 §11.1 · H6 · is 503 where nobody knows whether it was', async () => {
    const test = dpopServer()
    test.replays.fault = new Error('the guard is away')
    expect(await refusalOf(ask(test, await proofOf(key)))).toBe('503 temporarily_unavailable')
    expect(test.tokens.size).toBe(0)
  })

  it('RFC 9449 §11.1 · H6 · is 503 where the guard answers neither yes nor no', async () => {
    const claim = (async () => undefined) as unknown as () => Promise<boolean>
    const test = dpopServer(undefined, { replays: { claim } })
    expect(await refusalOf(ask(test, await proofOf(key)))).toBe('503 temporarily_unavailable')
  })
})

describe('a nonce', () => {
  const nonceOf = ({ headers }: EndpointResponse): string => headers['dpop-nonce'] ?? ''
  const withNonce = (nonce: string) => proofOf(key, { claims: { nonce } })

  it('RFC 9449 §8 · H7 · is told to a client whose proof has none, and then lets it pass', async () => {
    const test = dpopServer(undefined, { dpop: { requireNonce: true } })
    const refused = await answerTo(test, await proofOf(key))
    expect([refused.status, JSON.parse(refused.body)]).toMatchObject([400, { error: 'use_dpop_nonce' }])
    // RFC 9449 §8.1: NQCHAR.
    expect(nonceOf(refused)).toMatch(/^[\x21\x23-\x5b\x5d-\x7e]{43}$/)
    const good = await answerTo(test, await withNonce(nonceOf(refused)))
    expect([good.status, JSON.parse(good.body)]).toMatchObject([200, { token_type: 'DPoP' }])
  })

  it.each(['', 'made up', 'a'.repeat(43)])(
    'RFC 9449 §8 · H7, H8 · is refused when it is not ours: "%s"',
    async (nonce) => {
      for (const requireNonce of [true, false]) {
        const test = dpopServer(undefined, { dpop: { requireNonce } })
        const refused = await answerTo(test, await withNonce(nonce))
        expect([refused.status, JSON.parse(refused.body)]).toMatchObject([400, { error: 'use_dpop_nonce' }])
        expect((await answerTo(test, await withNonce(nonceOf(refused)))).status).toBe(200)
      }
    },
  )

  it('RFC 9449 §8 · H8 · may be used again and again, for ten minutes at most', async () => {
    const test = dpopServer(undefined, { dpop: { requireNonce: true } })
    const begin = Math.ceil(NOW / 300) * 300
    const at = async (seconds: number, nonce: string) => {
      test.clock.seconds = seconds
      return (await answerTo(test, await proofOf(key, { claims: { iat: seconds, nonce } }))).status
    }
    test.clock.seconds = begin
    const nonce = nonceOf(await answerTo(test, await proofOf(key, { claims: { iat: begin } })))
    expect(await at(begin, nonce)).toBe(200)
    expect(await at(begin + 599, nonce)).toBe(200)
    expect(await at(begin + 600, nonce)).toBe(400)
    // The clock of the node that gave it out may be a little ahead.
    expect(await at(begin - 10, nonce)).toBe(200)
    expect(await at(begin - 11, nonce)).toBe(400)
  })

  it('RFC 9449 §8 · H7 · counts on every node that has the secret, and on one that had it until now', async () => {
    const node = (dpop: NonNullable<AuthorizationServerOptions['dpop']>) =>
      dpopServer(undefined, { dpop: { requireNonce: true, ...dpop } })
    const nonce = nonceOf(await answerTo(node({ nonceSecret: SECRET }), await proofOf(key)))
    const statusAt = async (test: DpopServer) => (await answerTo(test, await withNonce(nonce))).status
    expect(await statusAt(node({ nonceSecret: SECRET }))).toBe(200)
    expect(await statusAt(node({ nonceSecret: OTHER_SECRET, previousNonceSecret: SECRET }))).toBe(200)
    expect(await statusAt(node({ nonceSecret: OTHER_SECRET }))).toBe(400)
    expect(await statusAt(node({}))).toBe(400)
  })

  it('RFC 9449 §8 · H7 · is asked of one client and not of another', async () => {
    const test = dpopServer([reports({ dpopNonceRequired: true })])
    expect(await refusalOf(ask(test, await proofOf(key)))).toBe('400 use_dpop_nonce')
    expect((await ask(dpopServer(), await proofOf(key))).token_type).toBe('DPoP')
  })

  it('RFC 9449 §8 · H7 · is made with 32 bytes that all nodes share, or not at all', () => {
    const wrong = (dpop: NonNullable<AuthorizationServerOptions['dpop']>) => () => dpopServer(undefined, { dpop })
    expect(wrong({ nonceSecret: 'short' })).toThrow('dpop.nonceSecret must be 32 bytes')
    expect(wrong({ nonceSecret: SECRET, previousNonceSecret: 'short' })).toThrow('dpop.previousNonceSecret must be')
    expect(wrong({ previousNonceSecret: SECRET })).toThrow('dpop.previousNonceSecret needs dpop.nonceSecret')
    expect(wrong({ requireNonce: 'yes' as never })).toThrow('dpop.requireNonce')
    expect(() => createTestServer(undefined, { dpop: {} })).toThrow('dpop needs replays')
  })
})

describe('the order of refusals', () => {
  it('RFC 9449 §5 · H9, D17 · authentication and grant go before the proof, resource and scope come after it', async () => {
    const test = dpopServer()
    const bad = await proofOf(key, { claims: { htm: 'GET' } })
    const wrongSecret = { ...posted({ ...GRANT, client_id: 'reports', client_secret: 'wrong' }), dpop: bad }
    expect(await refusalOf(test.server.token(wrongSecret))).toBe('401 invalid_client')
    expect(await refusalOf(ask(test, bad, { client_id: 'another' }))).toBe('400 invalid_request')
    expect(await refusalOf(ask(test, bad, { grant_type: 'password' }))).toBe('400 unsupported_grant_type')
    expect(await refusalOf(ask(test, bad, { resource: 'https://unknown.example' }))).toBe('400 invalid_dpop_proof')
    expect(await refusalOf(ask(test, bad, { scope: 'unknown' }))).toBe('400 invalid_dpop_proof')
  })

  it('RFC 9449 §8 · H9 · a proof that lacks a nonce is not used up, one that is refused later is', async () => {
    const test = dpopServer(undefined, { dpop: { requireNonce: true, nonceSecret: SECRET } })
    await ask(test, await proofOf(key)).catch(() => undefined)
    expect(test.replays.claimed.size).toBe(0)
    const refused = await answerTo(test, await proofOf(key))
    const proof = await proofOf(key, { claims: { nonce: refused.headers['dpop-nonce'] } })
    expect(await refusalOf(ask(test, proof, { scope: 'unknown' }))).toBe('400 invalid_scope')
    expect(test.replays.claimed.size).toBe(1)
    expect(await refusalOf(ask(test, proof))).toBe('400 invalid_dpop_proof')
  })
})

describe('a client that gets bound tokens alone', () => {
  const bound = [reports({ dpopBoundAccessTokens: true })]

  it('RFC 9449 §5.2 · H11 · gets none without a proof, be proofs looked at or not', async () => {
    for (const test of [dpopServer(bound), createTestServer(bound)]) {
      expect(await refusalOf(ask(test, undefined))).toBe('400 invalid_request')
      expect(test.tokens.size).toBe(0)
    }
    expect(await refusalOf(ask(createTestServer(bound), await proofOf(key)))).toBe('400 invalid_request')
  })

  it('RFC 9449 §5.2 · H11 · is told of a bad proof what every client is told', async () => {
    const test = dpopServer(bound)
    expect(await refusalOf(ask(test, 'no proof'))).toBe('400 invalid_dpop_proof')
    expect(await refusalOf(ask(test, ''))).toBe('400 invalid_dpop_proof')
    expect((await ask(test, await proofOf(key))).token_type).toBe('DPoP')
  })
})
