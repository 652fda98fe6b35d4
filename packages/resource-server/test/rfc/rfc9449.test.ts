import { createServer } from 'node:http'
import express from 'express'
import Fastify from 'fastify'
import { exportJWK, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBoundedReplays } from '../../src/dpop/bounded-replays.ts'
import { requireToken } from '../../src/express.ts'
import { tokenVerification } from '../../src/fastify.ts'
import { type RequestQuestion, type TokenVerifier, verifyRequest } from '../../src/index.ts'
import { athOf, type ClientKey, makeClientKey, proofFor } from '../dpop-client.ts'
import {
  API,
  claimsOf,
  json,
  makeKey,
  NOW,
  PATHS,
  sign,
  startIssuer,
  type TestIssuer,
  verifierOf,
} from '../test-issuer.ts'

let issuer: TestIssuer
let key: ClientKey
let token: string
let bearer: string

beforeAll(async () => {
  const signing = await makeKey('ES256', 'current')
  issuer = await startIssuer(signing)
  key = await makeClientKey()
  token = await sign(signing, claimsOf(issuer.issuer, { cnf: { jkt: key.jkt } }))
  bearer = await sign(signing, claimsOf(issuer.issuer))
})
afterAll(() => issuer.close())

const proofOf = (
  claims: Record<string, unknown> = {},
  by = key,
  header: Record<string, unknown> = {},
): Promise<string> => proofFor(by, token, claims, header)

const asked = (dpop: RequestQuestion['dpop'], more: Partial<RequestQuestion> = {}): RequestQuestion => ({
  authorization: `DPoP ${token}`,
  method: 'GET',
  url: '/sales?page=2',
  dpop,
  ...more,
})

const dpop = {}

describe('a token that is shown with a proof', () => {
  it('RFC 9449 §7.1 · N7 · passes, whatever the case of the scheme, and however the address is written', async () => {
    const { verifier } = verifierOf(issuer, { dpop })
    for (const scheme of ['DPoP', 'dpop', 'DPOP '])
      expect(
        await verifier.verifyBearer(asked([await proofOf()], { authorization: `${scheme} ${token}` })),
      ).toMatchObject({
        ok: true,
        accessToken: { confirmation: { jkt: key.jkt } },
      })
    for (const htu of [`${API.toUpperCase().replace('HTTPS', 'https')}:443/s%61les#x`, `${API}/x/../sales?y`])
      expect(await verifier.verifyBearer(asked(await proofOf({ htu })))).toMatchObject({ ok: true })
  })

  it('RFC 9449 §7.1 · N7 · is seen from outside: from the base that is set, never from the request', async () => {
    const { verifier } = verifierOf(issuer, { dpop: { baseUrl: 'https://example.com/api/' } })
    const htu = 'https://example.com/api/sales'
    for (const url of ['/sales', 'http://10.0.0.7:8080/sales?x', 'https://evil.example/sales'])
      expect(await verifier.verifyBearer(asked(await proofOf({ htu }), { url }))).toMatchObject({ ok: true })
    expect(await verifier.verifyBearer(asked(await proofOf()))).toMatchObject({ error: 'invalid_dpop_proof' })
  })

  it('RFC 9449 §4.3 · N7 · is shown for a path: what is none never runs into the name of the host', async () => {
    const { verifier } = verifierOf(issuer, { dpop: { baseUrl: 'https://sales.example.com' } })
    for (const [url, htu] of [
      ['.evil.example/sales', `${API}.evil.example/sales`],
      ['@evil.example/sales', 'https://evil.example/sales'],
      [':8443/sales', `${API}:8443/sales`],
      ['*', `${API}*`],
      ['%2fsales', `${API}/sales`],
      ['sales', `${API}/sales`],
    ] as const)
      expect(await verifier.verifyBearer(asked(await proofOf({ htu }), { url }))).toMatchObject({
        error: 'invalid_dpop_proof',
      })
    for (const [url, htu] of [
      ['', `${API}/`],
      ['http://10.0.0.7', API],
      ['//evil.example/sales', `${API}//evil.example/sales`],
    ] as const)
      expect(await verifier.verifyBearer(asked(await proofOf({ htu }), { url }))).toMatchObject({ ok: true })
  })

  it('RFC 9449 §7.1 · N7 · is refused with a proof of another method, or of the same in other letters', async () => {
    const { verifier } = verifierOf(issuer, { dpop })
    for (const method of ['HEAD', 'POST', 'get'])
      expect(await verifier.verifyBearer(asked(await proofOf(), { method }))).toMatchObject({
        error: 'invalid_dpop_proof',
      })
  })

  it.each<[string, () => Promise<RequestQuestion['dpop']>]>([
    ['no proof', async () => undefined],
    ['no proof line', async () => []],
    ['two proofs', async () => [await proofOf(), await proofOf()]],
    ['two proofs in one line', async () => `${await proofOf()}, ${await proofOf()}`],
    ['what is no proof', async () => 'no proof'],
    ['no ath', () => proofOf({ ath: undefined })],
    ['the ath of another token', () => proofOf({ ath: athOf(bearer) })],
    ['another method', () => proofOf({ htm: 'POST' })],
    ['another path', () => proofOf({ htu: `${API}/refunds` })],
    ['another host', () => proofOf({ htu: 'https://evil.example/sales' })],
    ['an iat of long ago', () => proofOf({ iat: NOW - 301 })],
    ['an iat of the future', () => proofOf({ iat: NOW + 11 })],
    ['no jti', () => proofOf({ jti: undefined })],
  ])('RFC 9449 §7.1 · N7 · is refused with %s', async (_, make) => {
    const { verifier, events } = verifierOf(issuer, { dpop })
    expect(await verifier.verifyBearer(asked(await make()))).toEqual({
      ok: false,
      status: 401,
      error: 'invalid_dpop_proof',
      headers: {
        'www-authenticate': expect.stringMatching(
          /^DPoP error="invalid_dpop_proof", algs="ES256 [^"]+", Bearer realm="https:\/\/sales\.example\.com"$/,
        ),
      },
    })
    expect(events).toMatchObject([{ error: 'invalid_dpop_proof' }])
  })

  it('RFC 9449 §7.1 · N7 · is refused with the proof of another key, and where it is bound to none', async () => {
    const { verifier, reasons } = verifierOf(issuer, { dpop })
    const refused = { ok: false, status: 401, error: 'invalid_token' }
    expect(await verifier.verifyBearer(asked(await proofOf({}, await makeClientKey())))).toMatchObject(refused)
    const unbound = asked(await proofOf({ ath: athOf(bearer) }), { authorization: `DPoP ${bearer}` })
    expect(await verifier.verifyBearer(unbound)).toMatchObject(refused)
    expect(reasons()[1]).toBe('the token is bound to no key')
  })

  it('RFC 9449 §11.1 · N7 · passes once with a proof, of fifty at the same time too', async () => {
    const { verifier } = verifierOf(issuer, { dpop })
    for (let round = 0; round < 20; round += 1) {
      const question = asked(await proofOf())
      const verdicts = await Promise.all(Array.from({ length: 50 }, () => verifier.verifyBearer(question)))
      expect(verdicts.filter(({ ok }) => ok)).toHaveLength(1)
    }
  })

  it('RFC 9449 §11.1 · N7 · is 503 where nobody knows whether the proof was shown before', async () => {
    const full = createBoundedReplays({ now: () => NOW }, 1)
    const { verifier, clock } = verifierOf(issuer, { dpop: { replays: full } })
    expect(await verifier.verifyBearer(asked(await proofOf()))).toMatchObject({ ok: true })
    await expect(verifier.verifyBearer(asked(await proofOf()))).rejects.toMatchObject({ status: 503 })
    clock.seconds = NOW
    const later = createBoundedReplays({ now: () => NOW + 1000 }, 1)
    expect([await later.claim('a', NOW), await later.claim('a', NOW), await later.claim('b', NOW)]).toEqual([
      true,
      false,
      true,
    ])
  })

  it('RFC 9449 §11.1 · N7 · is remembered in bounded memory, from which nothing goes before its time', async () => {
    const now = { seconds: NOW, now: () => now.seconds }
    const replays = createBoundedReplays(now, 3)
    for (const name of ['a', 'b', 'c']) expect(await replays.claim(name, NOW + 10)).toBe(true)
    for (const seconds of [NOW, NOW + 10]) {
      now.seconds = seconds
      await expect(replays.claim('d', NOW + 20)).rejects.toBeInstanceOf(RangeError)
      expect(await replays.claim('a', NOW + 20)).toBe(false)
    }
    now.seconds = NOW + 11
    expect(await replays.claim('d', NOW + 20)).toBe(true)
    expect(await replays.claim('d', NOW + 20)).toBe(false)
  })

  it('RFC 9449 §11.1 · N7 · passes one of the nodes that share what they remember', async () => {
    const replays = createBoundedReplays({ now: () => NOW })
    const nodes = [1, 2].map(() => verifierOf(issuer, { dpop: { replays } }).verifier)
    const question = asked(await proofOf())
    const verdicts = await Promise.all(nodes.flatMap((node) => [1, 2, 3].map(() => node.verifyBearer(question))))
    expect(verdicts.filter(({ ok }) => ok)).toHaveLength(1)
  })

  it.each<[string, () => unknown, number]>([
    [
      'throws at once',
      () => {
        throw new Error('away')
      },
      503,
    ],
    ['rejects', () => Promise.reject(new Error('away')), 503],
    ['rejects with what is no error', () => Promise.reject('away' as unknown as Error), 503],
    ['says what is neither yes nor no', async () => 'yes', 401],
    ['says nothing', async () => undefined, 401],
  ])('RFC 9449 §11.1 · N7 · never passes where the memory of proofs %s', async (_, claim, status) => {
    const { verifier } = verifierOf(issuer, { dpop: { replays: { claim } as never } })
    const verdict = await verifier.verifyBearer(asked(await proofOf())).catch((error: unknown) => error)
    expect(verdict).toMatchObject({ status })
  })

  it('RFC 9449 §11.1 · N7 · leaves nothing behind where it does not pass: strangers cannot fill the memory', async () => {
    const claimed: string[] = []
    const replays = { claim: async (name: string) => claimed.push(name) > 0 }
    const { verifier } = verifierOf(issuer, { dpop: { replays } })
    const stranger = await makeClientKey()
    for (const question of [
      asked(await proofOf({}, stranger)),
      asked(await proofOf({ ath: athOf(bearer) }), { authorization: `DPoP ${bearer}` }),
      asked(await proofOf({ ath: athOf('made-up') }), { authorization: 'DPoP made-up' }),
      asked(await proofOf({ iat: NOW - 1000 })),
    ])
      expect(await verifier.verifyBearer(question)).toMatchObject({ status: 401 })
    expect(claimed).toEqual([])
  })

  it('RFC 9449 §7.1 · N4, N7 · is told which scopes it lacks', async () => {
    const { verifier } = verifierOf(issuer, { dpop })
    const verdict = await verifier.verifyBearer(asked(await proofOf(), { scopes: ['sales:read', 'sales:refund'] }))
    expect(verdict).toMatchObject({ status: 403, error: 'insufficient_scope' })
    expect(verdict).toMatchObject({
      headers: { 'www-authenticate': expect.stringContaining('scope="sales:read sales:refund"') },
    })
  })

  it('RFC 9449 §6.2 · N7, N8 · may be one that the issuer is asked about', async () => {
    const answer = { active: true, token_type: 'DPoP', ...claimsOf(issuer.issuer, { cnf: { jkt: key.jkt } }) }
    issuer.answers.set(PATHS.introspection, json(answer))
    const introspection = { clientId: 'sales-api', clientSecret: 's3cret' }
    const { verifier } = verifierOf(issuer, { dpop, introspection })
    const opaque = asked(await proofOf({ ath: athOf('opaque') }), { authorization: 'DPoP opaque' })
    expect(await verifier.verifyBearer(opaque)).toMatchObject({ ok: true })
    expect(await verifier.verifyBearer({ authorization: 'Bearer opaque' })).toMatchObject({ error: 'invalid_token' })
  })

  it('RFC 9449 §7.1 · N7 · takes a base that is an address', () => {
    expect(() => verifierOf(issuer, { dpop: { baseUrl: '/api' } })).toThrow('dpop.baseUrl')
    expect(() => verifierOf(issuer, { dpop, audience: 'urn:sales' })).toThrow('dpop.baseUrl')
    expect(() => verifierOf(issuer, { dpop: { replays: {} as never } })).toThrow('dpop.replays')
  })
})

/** Changes what one part of a compact JWS says; its signature stays as it was. */
const withPart = (proof: string, at: 0 | 1, change: (part: Record<string, unknown>) => object): string => {
  const parts = proof.split('.')
  const part = JSON.parse(Buffer.from(parts[at] ?? '', 'base64url').toString()) as Record<string, unknown>
  parts[at] = Buffer.from(JSON.stringify(change(part))).toString('base64url')
  return parts.join('.')
}

/** What the conformance suite of FAPI 2.0 asks of an API that takes proofs, in its order, but for nonces. */
const SUITE: readonly (readonly [what: string, passes: boolean, make: () => Promise<RequestQuestion['dpop']>])[] = [
  ['two proofs', false, async () => [await proofOf(), await proofOf()]],
  ['what is no well-formed JWT', false, async () => (await proofOf()).replace('.', '')],
  ['no typ', false, () => proofOf({}, key, { typ: undefined })],
  ['no alg', false, async () => withPart(await proofOf(), 0, (header) => ({ ...header, alg: undefined }))],
  ['no jwk', false, () => proofOf({}, key, { jwk: undefined })],
  ...(['jti', 'htm', 'htu', 'iat', 'ath'] as const).map(
    (name) => [`no ${name}`, false, () => proofOf({ [name]: undefined })] as const,
  ),
  ['another typ', false, () => proofOf({}, key, { typ: 'JWT' })],
  ['an alg that is not taken: RS256', false, async () => proofOf({}, await makeClientKey('RS256'))],
  [
    'the alg none',
    false,
    async () =>
      withPart(
        new UnsecuredJWT({ jti: 'a', htm: 'GET', htu: `${API}/sales`, ath: athOf(token), iat: NOW }).encode(),
        0,
        () => ({
          typ: 'dpop+jwt',
          alg: 'none',
          jwk: key.jwk,
        }),
      ),
  ],
  ['another signature', false, async () => withPart(await proofOf(), 1, (claims) => ({ ...claims, jti: 'another' }))],
  ['a private key', false, async () => proofOf({}, key, { jwk: await exportJWK(key.privateKey) })],
  ['another htm', false, () => proofOf({ htm: 'PUT' })],
  ['an htm in small letters', false, () => proofOf({ htm: 'get' })],
  ['an htu with query and fragment', true, () => proofOf({ htu: `${API}/sales?page=3#top` })],
  ['an htu without the query of the request', true, () => proofOf({ htu: `${API}/sales` })],
  ['an htu of another address', false, () => proofOf({ htu: `${API}/refunds` })],
  ['an htu of another scheme', false, () => proofOf({ htu: `${API.replace('https', 'http')}/sales` })],
  ['an iat of an hour ahead', false, () => proofOf({ iat: NOW + 3600 })],
  ['an iat of an hour ago', false, () => proofOf({ iat: NOW - 3600 })],
  ['an iat of ten seconds ahead', true, () => proofOf({ iat: NOW + 10 })],
  ['an iat of ten seconds ago', true, () => proofOf({ iat: NOW - 10 })],
  ['a jti for the first time', true, () => proofOf({ jti: 'the same', iat: NOW - 1 })],
  ['a jti for the second time', false, () => proofOf({ jti: 'the same', iat: NOW - 1 })],
  ['another ath', false, () => proofOf({ ath: athOf(`${token}x`) })],
  ['an ath in hexadecimal', false, () => proofOf({ ath: Buffer.from(athOf(token), 'base64url').toString('hex') })],
  ['another key', false, async () => proofOf({}, await makeClientKey())],
  ['another key than it says', false, async () => proofOf({}, key, { jwk: (await makeClientKey()).jwk })],
  ['members that are not known', true, () => proofOf({ 'urn:example': [1] }, key, { 'urn:example': { a: 1 } })],
  ['an htu in capitals', true, () => proofOf({ htu: `${API.toUpperCase()}/sales` })],
  ['an htu with the port that is meant anyway', true, () => proofOf({ htu: `${API}:443/sales` })],
  ['an htu with another port', false, () => proofOf({ htu: `${API}:8443/sales` })],
  ['an exp that has passed', false, () => proofOf({ exp: NOW - 60 })],
  ['an nbf that lies ahead', false, () => proofOf({ nbf: NOW + 60 })],
  ['an exp and an nbf that fit', true, () => proofOf({ exp: NOW + 60, nbf: NOW - 60 })],
  ['nothing', false, async () => undefined],
  ['a proof that is right', true, () => proofOf()],
]

describe('a token that is shown to an API of FAPI 2.0', () => {
  it('RFC 9449 §4.3 · N7 · passes with what the conformance suite lets pass, and with nothing else', async () => {
    const { verifier } = verifierOf(issuer, {
      dpop: { algorithms: ['ES256', 'PS256', 'EdDSA'] },
      boundTokensOnly: true,
    })
    for (const [what, passes, make] of SUITE) {
      const verdict = await verifier.verifyBearer(asked(await make()))
      expect([what, verdict.ok]).toEqual([what, passes])
      if (!verdict.ok) {
        expect([what, verdict.status]).toEqual([what, 401])
        const told = /^DPoP error="invalid_(?:dpop_proof|token)", algs="ES256 PS256 EdDSA"$/
        expect(verdict.headers['www-authenticate']).toMatch(told)
      }
    }
    const downgraded = asked(undefined, { authorization: `Bearer ${token}` })
    expect(await verifier.verifyBearer(downgraded)).toMatchObject({ status: 401, error: 'invalid_token' })
  })

  it('RFC 9449 §7.1 · N3, N7 · is asked for by the one scheme that is taken', async () => {
    const { verifier } = verifierOf(issuer, { dpop: {}, boundTokensOnly: true, resourceMetadata: {} })
    const metadata = `resource_metadata="${API}/.well-known/oauth-protected-resource"`
    const challengeTo = async (question: RequestQuestion) => {
      const verdict = await verifier.verifyBearer(question)
      return verdict.ok
        ? ''
        : `${verdict.status} ${verdict.headers['www-authenticate'].replace(/algs="[^"]+"/, 'algs')}`
    }
    expect(await challengeTo({ authorization: undefined })).toBe(`401 DPoP ${metadata}, algs`)
    expect(await challengeTo({ authorization: `Bearer ${bearer}` })).toBe(
      `401 DPoP error="invalid_token", ${metadata}, algs`,
    )
    expect(await challengeTo({ authorization: 'Bearer' })).toBe(`400 DPoP error="invalid_request", ${metadata}, algs`)
  })
})

describe('a proof with a nonce', () => {
  const secret = 'A'.repeat(43)
  const nonceTold = (verdict: Awaited<ReturnType<TokenVerifier['verifyBearer']>>): string => {
    if (verdict.ok) throw new Error('it passed')
    expect(verdict).toEqual({
      ok: false,
      status: 401,
      error: 'use_dpop_nonce',
      headers: {
        'www-authenticate': expect.stringMatching(/^DPoP error="use_dpop_nonce", algs="[^"]+", Bearer realm="[^"]+"$/),
        'dpop-nonce': expect.stringMatching(/^[\w-]{43}$/),
      },
    })
    return verdict.headers['dpop-nonce'] ?? ''
  }

  it('RFC 9449 §9 · N7 · is asked for, and passes with the nonce that was told, again and again', async () => {
    const { verifier, clock } = verifierOf(issuer, { dpop: { requireNonce: true, nonceSecret: secret } })
    const first = await proofOf()
    const nonce = nonceTold(await verifier.verifyBearer(asked(first)))
    // Nothing was used up: asking again, and with the same jti, is what clients do.
    expect(nonceTold(await verifier.verifyBearer(asked(first)))).toBe(nonce)
    expect(nonceTold(await verifier.verifyBearer(asked(await proofOf({ nonce: `${nonce}x` }))))).toBe(nonce)
    const withNonce = await proofOf({ nonce, jti: 'once' })
    expect(await verifier.verifyBearer(asked(withNonce))).toMatchObject({ ok: true })
    expect(await verifier.verifyBearer(asked(withNonce))).toMatchObject({ error: 'invalid_dpop_proof' })
    expect(await verifier.verifyBearer(asked(await proofOf({ nonce })))).toMatchObject({ ok: true })
    // On another node with the same secret too, but not for ever.
    const sibling = verifierOf(issuer, { dpop: { requireNonce: true, nonceSecret: secret } })
    expect(await sibling.verifier.verifyBearer(asked(await proofOf({ nonce })))).toMatchObject({ ok: true })
    clock.seconds = NOW + 600
    const late = await proofOf({ nonce, iat: clock.seconds })
    expect(nonceTold(await verifier.verifyBearer(asked(late)))).not.toBe(nonce)
  })

  it('RFC 9449 §9 · N7 · counts under the secret of before, and none of another API does', async () => {
    const nonceOf = async (options: object) =>
      nonceTold(
        await verifierOf(issuer, { dpop: { requireNonce: true, ...options } }).verifier.verifyBearer(
          asked(await proofOf()),
        ),
      )
    const next = { requireNonce: true, nonceSecret: `B${secret.slice(1)}`, previousNonceSecret: secret }
    const { verifier } = verifierOf(issuer, { dpop: next })
    const nonce = await nonceOf({ nonceSecret: secret })
    expect(await verifier.verifyBearer(asked(await proofOf({ nonce })))).toMatchObject({ ok: true })
    nonceTold(await verifier.verifyBearer(asked(await proofOf({ nonce: await nonceOf({}) }))))
  })

  it('RFC 9449 §9 · N7 · passes an API that asks for none', async () => {
    const { verifier } = verifierOf(issuer, { dpop })
    expect(await verifier.verifyBearer(asked(await proofOf({ nonce: 'of another' })))).toMatchObject({ ok: true })
  })
})

describe('a token that is bound', () => {
  it('RFC 9449 §7.2 · N6 · is no bearer token, be proofs taken or not, and beside a good proof too', async () => {
    for (const options of [{}, { dpop }]) {
      const { verifier } = verifierOf(issuer, options)
      const question = asked(await proofOf(), { authorization: `Bearer ${token}` })
      expect(await verifier.verifyBearer(question)).toMatchObject({ status: 401, error: 'invalid_token' })
    }
    expect(await verifierOf(issuer).verifier.verifyBearer(asked(await proofOf()))).toMatchObject({ status: 401 })
  })

  it('RFC 9449 §7.2 · N2, N3 · is asked for by both challenges', async () => {
    const { verifier } = verifierOf(issuer, { dpop })
    const challengeTo = async (authorization: RequestQuestion['authorization']) => {
      const verdict = await verifier.verifyBearer({ authorization })
      return verdict.ok ? '' : verdict.headers['www-authenticate']
    }
    expect(await challengeTo(undefined)).toMatch(/^Bearer realm="[^"]+", DPoP algs="[^"]+"$/)
    expect(await challengeTo('Bearer x')).toMatch(/^Bearer error="invalid_token", DPoP algs="[^"]+"$/)
    expect(await challengeTo(['Bearer x', 'DPoP x'])).toMatch(/^Bearer error="invalid_request", DPoP algs="[^"]+"$/)
    expect(await verifier.verifyBearer({ authorization: `Bearer ${bearer}` })).toMatchObject({ ok: true })
  })

  it.each<[string, () => RequestQuestion]>([
    ['two lines', () => asked('x', { authorization: [`DPoP ${token}`, `Bearer ${bearer}`] })],
    ['two lines of one scheme', () => asked('x', { authorization: [`DPoP ${token}`, `DPoP ${token}`] })],
    ['two lines that were joined', () => asked('x', { authorization: `Bearer ${bearer}, DPoP ${token}` })],
    [
      'two lines that were joined, of which one is of another scheme',
      () => asked('x', { authorization: `Basic eA==,dpop ${token}` }),
    ],
    ['the query too', () => asked('x', { url: `/sales?access_token=${bearer}` })],
    ['the body too', () => asked('x', { form: { access_token: bearer } })],
    ['no token', () => asked('x', { authorization: 'DPoP' })],
    ['two tokens', () => asked('x', { authorization: `DPoP ${token} ${token}` })],
  ])('RFC 6750 §3.1, RFC 9449 §7.2 · N2 · is 400 with both challenges where it is sent by %s', async (_, question) => {
    const { verifier, events } = verifierOf(issuer, { dpop })
    const verdict = await verifier.verifyBearer(question())
    expect(verdict).toMatchObject({ status: 400, error: 'invalid_request' })
    const told = verdict.ok ? '' : verdict.headers['www-authenticate']
    expect(
      told
        .match(/(?:^|, )(?:Bearer|DPoP) /g)
        ?.map((scheme) => scheme.replace(/\W/g, ''))
        .sort(),
    ).toEqual(['Bearer', 'DPoP'])
    expect(told.match(/error="invalid_request"/g)).toHaveLength(1)
    expect(events).toMatchObject([{ error: 'invalid_request' }])
  })

  it('RFC 9449 §7.2 · N6 · is another thing than a bearer token beside which a proof lies: nobody looks at that', async () => {
    const { verifier } = verifierOf(issuer, { dpop })
    for (const proof of [await proofOf({ ath: athOf(bearer) }), 'no proof'])
      expect(await verifier.verifyBearer(asked(proof, { authorization: `Bearer ${bearer}` }))).toMatchObject({
        ok: true,
      })
  })
})

describe('the mounts', () => {
  const headers = async (proof?: string) => ({ authorization: `DPoP ${token}`, dpop: proof ?? (await proofOf()) })

  it('RFC 9449 §7.1 · N7 · verify proofs by one option: Request', async () => {
    const { verifier } = verifierOf(issuer, { dpop })
    const request = new Request('http://10.0.0.7/sales', { headers: await headers() })
    expect(await verifyRequest(verifier, request)).toMatchObject({ ok: true })
    expect(await verifyRequest(verifier, request)).toMatchObject({ ok: false, response: { status: 401 } })
  })

  it('RFC 9449 §7.1 · N7 · verify proofs by one option: Fastify', async () => {
    const { verifier } = verifierOf(issuer, { dpop })
    const app = Fastify()
    await app.register(tokenVerification, { verifier })
    app.get('/sales', { onRequest: app.requireToken() }, async ({ accessToken }) => accessToken.confirmation)
    const address = await app.listen({ port: 0, host: '127.0.0.1' })
    const shown = await headers()
    const first = await fetch(`${address}/sales`, { headers: shown })
    expect([first.status, await first.json()]).toEqual([200, { jkt: key.jkt }])
    expect((await fetch(`${address}/sales`, { headers: shown })).status).toBe(401)
    await app.close()
  })

  it('RFC 9449 §7.1 · N7 · verify proofs by one option: Express, below a router too', async () => {
    const { verifier } = verifierOf(issuer, { dpop })
    const router = express.Router()
    router.get('/', requireToken(verifier), (_, response) => void response.json({}))
    const app = express()
    app.use('/sales', router)
    const server = createServer(app).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.on('listening', resolve))
    const { port } = server.address() as { port: number }
    const shown = await headers()
    expect((await fetch(`http://127.0.0.1:${port}/sales`, { headers: shown })).status).toBe(200)
    expect((await fetch(`http://127.0.0.1:${port}/sales`, { headers: shown })).status).toBe(401)
    server.closeAllConnections()
    server.close()
  })
})
