import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createJwtTestServer, type JwtTestServer, partsOf } from '../jwt-server.ts'
import { asReports, ISSUER, REPORTS, reports, tokenOf } from '../test-server.ts'

type Parts = ReturnType<typeof partsOf>

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const strangerRsa = generateKeyPairSync('rsa', { modulusLength: 2048 })

const signedBy = (key: KeyObject, header: unknown, payload: unknown): string => {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

const hmac = (secret: string | Buffer, header: unknown, payload: unknown): string => {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** The public key in the spellings that a verifier might take for an HMAC key. */
function spellingsOf({ ring }: JwtTestServer): readonly (string | Buffer)[] {
  const members = ring.publishedKeys()[0]?.publicKey ?? {}
  const key = createPublicKey({ key: members, format: 'jwk' })
  const pem = key.export({ format: 'pem', type: 'spki' }).toString()
  const der = key.export({ format: 'der', type: 'spki' })
  return [
    pem,
    pem.trim(),
    pem.replaceAll('\n', '\r\n'),
    pem.replace(/-----[^-]+-----|\n/g, ''),
    der,
    der.toString('base64'),
    der.toString('base64url'),
    JSON.stringify(members),
    JSON.stringify(key.export({ format: 'jwk' })),
    members['x'] ?? '',
    Buffer.from(members['x'] ?? '', 'base64url'),
    Buffer.concat(['x', 'y'].map((name) => Buffer.from(members[name] ?? '', 'base64url'))),
    '',
  ]
}

/** Whoever makes these has seen a good token and the published keys, and has keys of its own. */
const FORGERIES: Readonly<Record<string, (good: string, parts: Parts, test: JwtTestServer) => readonly string[]>> = {
  'that is not signed': (good, { header, payload }) =>
    ['none', 'None', 'NONE', 'nOnE', '', undefined].flatMap((alg) => {
      const unsigned = `${encode({ ...header, alg })}.${encode(payload)}`
      return [`${unsigned}.`, unsigned, `${unsigned}.${good.split('.')[2] ?? ''}`]
    }),
  'whose key is the public one, in its several spellings': (_good, { header, payload }, test) =>
    ['HS256', 'HS384', 'HS512'].flatMap((alg) =>
      spellingsOf(test).map((secret) => hmac(secret, { ...header, alg }, payload)),
    ),
  'whose claims were changed': (good, { payload }) =>
    [
      { sub: 'root' },
      { scope: 'read write erase' },
      { exp: 9_999_999_999 },
      { aud: 'https://victim.example' },
      { client_id: 'stranger' },
      { jti: 'A'.repeat(43) },
    ].map((change) =>
      good
        .split('.')
        .with(1, encode({ ...payload, ...change }))
        .join('.'),
    ),
  'of another issuer, with our kid': (_good, { header, payload }) =>
    ['https://evil.example', ISSUER, `${ISSUER}/`].map((iss) =>
      signedBy(stranger.privateKey, header, { ...payload, iss }),
    ),
  'that brings its own key': (_good, { header, payload }) => {
    const jwk = { ...stranger.publicKey.export({ format: 'jwk' }), kid: header['kid'], alg: 'ES256', use: 'sig' }
    return [
      signedBy(stranger.privateKey, { ...header, jwk }, payload),
      signedBy(stranger.privateKey, { alg: 'ES256', typ: 'at+jwt', jwk }, payload),
      signedBy(
        stranger.privateKey,
        { ...header, x5c: [stranger.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')] },
        payload,
      ),
    ]
  },
  'that says where its key is': (_good, { header, payload }) =>
    ['jku', 'x5u'].flatMap((name) => [
      signedBy(stranger.privateKey, { ...header, [name]: 'https://evil.example/keys' }, payload),
      signedBy(stranger.privateKey, { ...header, [name]: `${ISSUER}/.well-known/jwks.json` }, payload),
    ]),
  'whose kid is a path, a query or an object': (_good, { header, payload }) =>
    ['../../dev/null', "' OR 1=1 --", '__proto__', '', 'constructor'].flatMap((kid) => [
      hmac('', { ...header, alg: 'HS256', kid }, payload),
      signedBy(stranger.privateKey, { ...header, kid }, payload),
    ]),
  'signed by another kind of key': (_good, { header, payload }) =>
    ['RS256', 'PS256', 'ES256'].map((alg) => signedBy(strangerRsa.privateKey, { ...header, alg }, payload)),
  'written in another way': (good) => [
    `${good}=`,
    `${good}==`,
    ` ${good}`,
    `${good}\n`,
    `Bearer ${good}`,
    good.replaceAll('.', '..'),
    `${good}.`,
    good.split('.').reverse().join('.'),
    JSON.stringify({ payload: good.split('.')[1], protected: good.split('.')[0], signature: good.split('.')[2] }),
    ...lastCharacters(good),
  ],
  'that was encrypted by nobody': (good) => [
    `${good}.AAAA.AAAA`,
    `${encode({ alg: 'dir', enc: 'A256GCM' })}..AAAA.AAAA.AAAA`,
  ],
}

/** The last character of a segment has bits that mean nothing: other characters decode to the same bytes. */
function lastCharacters(good: string): readonly string[] {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const bytes = Buffer.from(good.split('.')[2] ?? '', 'base64url')
  return [...alphabet]
    .map((last) => good.slice(0, -1) + last)
    .filter((other) => other !== good && Buffer.from(other.split('.')[2] ?? '', 'base64url').equals(bytes))
}

/** What a server with our key, but not this one, might have signed: a program that uses one key for two things. */
const MISUSES: Readonly<Record<string, (parts: Parts) => readonly [header: unknown, payload: unknown]>> = {
  'of no type': ({ header, payload }) => [{ ...header, typ: undefined }, payload],
  'of the type JWT': ({ header, payload }) => [{ ...header, typ: 'JWT' }, payload],
  'for introspection': ({ header, payload }) => [{ ...header, typ: 'token-introspection+jwt' }, payload],
  'for a client assertion': ({ header, payload }) => [{ ...header, typ: 'client-authentication+jwt' }, payload],
  'with a critical extension': ({ header, payload }) => [{ ...header, crit: ['b64'], b64: true }, payload],
  'of another issuer': ({ header, payload }) => [header, { ...payload, iss: 'https://other.example' }],
  'of an issuer with a slash': ({ header, payload }) => [header, { ...payload, iss: `${ISSUER}/` }],
  'of no issuer': ({ header, payload }) => [header, { ...payload, iss: undefined }],
  'that never expires': ({ header, payload }) => [header, { ...payload, exp: undefined }],
  'that expires at a text': ({ header, payload }) => [header, { ...payload, exp: '9999999999' }],
  'that expires at infinity': ({ header, payload }) => [
    header,
    JSON.stringify(payload).replace(/"exp":\d+/, '"exp":1e999'),
  ],
  'that was issued at no time': ({ header, payload }) => [header, { ...payload, iat: undefined }],
  'without a jti': ({ header, payload }) => [header, { ...payload, jti: undefined }],
  'with a jti of another form': ({ header, payload }) => [header, { ...payload, jti: 'x' }],
  'without an audience': ({ header, payload }) => [header, { ...payload, aud: undefined }],
  'for an empty list of audiences': ({ header, payload }) => [header, { ...payload, aud: [] }],
  'for a number': ({ header, payload }) => [header, { ...payload, aud: [1] }],
  'without a client': ({ header, payload }) => [header, { ...payload, client_id: undefined }],
  'of a client that nobody can be': ({ header, payload }) => [header, { ...payload, client_id: 'a b' }],
  'without a subject': ({ header, payload }) => [header, { ...payload, sub: undefined }],
  'with a scope that is a list': ({ header, payload }) => [header, { ...payload, scope: ['read'] }],
  'with a scope of two spaces': ({ header, payload }) => [header, { ...payload, scope: 'read  write' }],
  'that is bound to a key': ({ header, payload }) => [header, { ...payload, cnf: { jkt: 'x' } }],
  'that is not good yet': ({ header, payload }) => [header, { ...payload, nbf: 9_999_999_999 }],
  'that names a claim twice': ({ header, payload }) => [header, `{"sub":"root",${JSON.stringify(payload).slice(1)}`],
}

describe('a forged token', () => {
  it.each(Object.entries(FORGERIES))(
    'RFC 8725 §2 · I6, J5 · %s is inactive, and revokes nothing',
    async (_what, forge) => {
      const test = await createJwtTestServer()
      const good = await tokenOf(test)
      const forged = forge(good, partsOf(good), test)
      expect(forged.length).toBeGreaterThan(0)
      for (const token of forged) {
        expect(token).not.toBe(good)
        expect(await test.server.introspect(asReports({ token }))).toEqual({ active: false })
        expect(await test.server.verifyAccessToken({ token })).toEqual({ ok: false, error: 'invalid_token' })
        await test.server.revoke(asReports({ token }))
      }
      expect(test.revoked.size).toBe(0)
      expect(await test.server.introspect(asReports({ token: good }))).toMatchObject({ active: true })
    },
  )
})

describe('a token that our key has signed for something else', () => {
  it.each(Object.entries(MISUSES))('RFC 8725 §3.11 · I6 · is inactive: one %s', async (_what, change) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = { kid: 'shared', alg: 'ES256' } as const
    const signer = {
      publishedForSeconds: 60,
      longestTokenSeconds: 3600,
      signingKey: () => ({
        ...key,
        sign: async (data: Uint8Array) => sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
      }),
      publishedKeys: () => published,
    }
    const published = [{ ...key, publicKey: publicKey.export({ format: 'jwk' }) as Record<string, string> }]
    const test = await createJwtTestServer([reports()], { signer })
    const good = await tokenOf(test)
    const [header, payload] = change(partsOf(good))
    const token = signedBy(privateKey, header, payload)
    expect(await test.server.introspect(asReports({ token }))).toEqual({ active: false })
    const { header: same, payload: alike } = partsOf(good)
    const control = signedBy(privateKey, same, alike)
    expect(await test.server.introspect(asReports({ token: control }))).toMatchObject({ active: true })
  })
})

it('RFC 8725 §3.1 · I6 · a token of a shared secret is no token of a key pair, and the other way round', async () => {
  const pair = await createJwtTestServer()
  const secret = await createJwtTestServer(undefined, { signer: undefined, jwtSecret: { secret: REPORTS.secret } })
  const [ofPair, ofSecret] = [await tokenOf(pair), await tokenOf(secret)]
  expect(await pair.server.introspect(asReports({ token: ofSecret }))).toEqual({ active: false })
  expect(await secret.server.introspect(asReports({ token: ofPair }))).toEqual({ active: false })
})
