import { createHmac } from 'node:crypto'
import { exportSPKI } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  claimsOf,
  type IssuerKey,
  makeKey,
  NOW,
  sign,
  startIssuer,
  type TestIssuer,
  verifierOf,
} from './test-issuer.ts'

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** What an attacker has: a good token, the public key, and keys of their own. */
interface Loot {
  readonly issuer: string
  readonly key: IssuerKey
  readonly own: IssuerKey
  readonly rsa: IssuerKey
  readonly good: string
}

const [HEADER, PAYLOAD, SIGNATURE] = [0, 1, 2] as const
const replaced = (token: string, index: number, part: string): string => token.split('.').with(index, part).join('.')
const partOf = (token: string, index: number): string => token.split('.')[index] as string

const hmac = (key: string | Buffer, { issuer, rsa }: Loot, alg: 'HS256' | 'HS384' | 'HS512' = 'HS256'): string => {
  const signed = `${encode({ alg, kid: rsa.kid, typ: 'at+jwt' })}.${encode(claimsOf(issuer))}`
  return `${signed}.${createHmac(`sha${alg.slice(2)}`, key)
    .update(signed)
    .digest('base64url')}`
}

/** The last character of a part whose bits do not fill whole bytes says more than it must. */
function loosened(part: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  if (part.length % 4 === 0) throw new Error('nothing is left over in this part')
  return part.slice(0, -1) + alphabet[alphabet.indexOf(part.at(-1) as string) + 1]
}

const FORGERIES: Record<string, (loot: Loot) => string | Promise<string>> = {
  'alg none, without a signature': ({ issuer, key }) =>
    `${encode({ alg: 'none', kid: key.kid, typ: 'at+jwt' })}.${encode(claimsOf(issuer))}.`,
  'alg none, with the signature of a good token': ({ good, key }) =>
    replaced(good, HEADER, encode({ alg: 'none', kid: key.kid, typ: 'at+jwt' })),
  'alg None': ({ good, key }) => replaced(good, HEADER, encode({ alg: 'None', kid: key.kid, typ: 'at+jwt' })),
  'alg nOnE with an empty list of members': ({ good, key }) =>
    replaced(good, HEADER, encode({ alg: 'nOnE', kid: key.kid, typ: 'at+jwt', crit: [] })),
  'no alg': ({ good, key }) => replaced(good, HEADER, encode({ kid: key.kid, typ: 'at+jwt' })),
  'alg as a list': ({ good, key }) => replaced(good, HEADER, encode({ alg: ['ES256'], kid: key.kid, typ: 'at+jwt' })),
  'alg in lower case': ({ good, key }) => replaced(good, HEADER, encode({ alg: 'es256', kid: key.kid, typ: 'at+jwt' })),
  'alg of an object’s own members': ({ good, key }) =>
    replaced(good, HEADER, encode({ alg: 'constructor', kid: key.kid, typ: 'at+jwt' })),
  'HS256 keyed with the public key as PEM': async (loot) => hmac(await exportSPKI(loot.rsa.publicKey), loot),
  'HS256 keyed with the public key as PEM and a line feed': async (loot) =>
    hmac(`${await exportSPKI(loot.rsa.publicKey)}\n`, loot),
  'HS256 keyed with the public key as PEM without its last line feed': async (loot) =>
    hmac((await exportSPKI(loot.rsa.publicKey)).trimEnd(), loot),
  'HS256 keyed with the public key as DER': async (loot) =>
    hmac(Buffer.from(await crypto.subtle.exportKey('spki', loot.rsa.publicKey)), loot),
  'HS256 keyed with the public JWK': (loot) => hmac(JSON.stringify(loot.rsa.jwk), loot),
  'HS256 keyed with the modulus': (loot) => hmac(Buffer.from(loot.rsa.jwk.n as string, 'base64url'), loot),
  'HS256 keyed with the modulus as text': (loot) => hmac(loot.rsa.jwk.n as string, loot),
  'HS256 keyed with nothing': (loot) => hmac('', loot),
  'HS384 keyed with the public key as PEM': async (loot) => hmac(await exportSPKI(loot.rsa.publicKey), loot, 'HS384'),
  'HS512 keyed with the public key as PEM': async (loot) => hmac(await exportSPKI(loot.rsa.publicKey), loot, 'HS512'),
  'a changed payload': ({ good, issuer }) =>
    replaced(good, PAYLOAD, encode(claimsOf(issuer, { scope: 'sales:read sales:refund' }))),
  'a changed header': ({ good, key }) => replaced(good, HEADER, encode({ typ: 'at+jwt', kid: key.kid, alg: 'ES256' })),
  'a changed signature': ({ good }) => {
    const signature = Buffer.from(partOf(good, SIGNATURE), 'base64url')
    signature[0] = (signature[0] as number) ^ 1
    return replaced(good, SIGNATURE, signature.toString('base64url'))
  },
  'a signature of zeros': ({ good }) => replaced(good, SIGNATURE, Buffer.alloc(64).toString('base64url')),
  'a signature in DER': ({ good }) => {
    const raw = Buffer.from(partOf(good, SIGNATURE), 'base64url')
    const integer = (half: Buffer): Buffer => Buffer.from([2, half.length + 1, 0, ...half])
    const body = Buffer.concat([integer(raw.subarray(0, 32)), integer(raw.subarray(32))])
    return replaced(good, SIGNATURE, Buffer.from([0x30, body.length, ...body]).toString('base64url'))
  },
  'no signature': ({ good }) => replaced(good, SIGNATURE, ''),
  'two parts': ({ good }) => good.split('.').slice(0, 2).join('.'),
  'four parts': ({ good }) => `${good}.${partOf(good, SIGNATURE)}`,
  'a foreign key under our kid': ({ own, key, issuer }) => sign({ ...own, kid: key.kid }, claimsOf(issuer)),
  'a foreign issuer under our kid': ({ own, key }) =>
    sign({ ...own, kid: key.kid }, claimsOf('https://evil.example.com')),
  'our key for a foreign issuer': ({ key }) => sign(key, claimsOf('https://evil.example.com')),
  'an issuer with a slash more': ({ key, issuer }) => sign(key, claimsOf(`${issuer}/`)),
  'an issuer in capitals': ({ key, issuer }) => sign(key, claimsOf(issuer.toUpperCase())),
  'an issuer in a list': ({ key, issuer }) => sign(key, claimsOf(issuer, { iss: [issuer] })),
  'an embedded jwk': ({ own, issuer }) => sign(own, claimsOf(issuer), { jwk: own.jwk }),
  'an embedded jwk beside our kid and key': ({ key, own, issuer }) => sign(key, claimsOf(issuer), { jwk: own.jwk }),
  jku: ({ key, issuer }) => sign(key, claimsOf(issuer), { jku: `${issuer}/jwks` }),
  'jku of a foreigner': ({ own, issuer }) => sign(own, claimsOf(issuer), { jku: 'https://evil.example.com/jwks' }),
  x5u: ({ key, issuer }) => sign(key, claimsOf(issuer), { x5u: `${issuer}/certificate` }),
  x5c: ({ key, issuer }) => sign(key, claimsOf(issuer), { x5c: ['AAAA'] }),
  'crit of something unknown': ({ key, issuer }) =>
    sign(key, claimsOf(issuer), { crit: ['urn:example'], 'urn:example': true }),
  'an empty crit': ({ good, key }) =>
    replaced(good, HEADER, encode({ alg: 'ES256', kid: key.kid, typ: 'at+jwt', crit: [] })),
  'crit with b64': ({ good, key }) =>
    replaced(good, HEADER, encode({ alg: 'ES256', kid: key.kid, typ: 'at+jwt', crit: ['b64'], b64: false })),
  'no typ': ({ key, issuer }) => sign(key, claimsOf(issuer), { typ: undefined }),
  'typ JWT': ({ key, issuer }) => sign(key, claimsOf(issuer), { typ: 'JWT' }),
  'typ of an assertion': ({ key, issuer }) => sign(key, claimsOf(issuer), { typ: 'client-authentication+jwt' }),
  'typ of an introspection answer': ({ key, issuer }) =>
    sign(key, claimsOf(issuer), { typ: 'token-introspection+jwt' }),
  'typ of a proof': ({ key, issuer }) => sign(key, claimsOf(issuer), { typ: 'dpop+jwt' }),
  'typ of a status list': ({ key, issuer }) => sign(key, claimsOf(issuer), { typ: 'statuslist+jwt' }),
  'typ as a list': ({ key, issuer }) => sign(key, claimsOf(issuer), { typ: ['at+jwt'] }),
  'typ with a blank': ({ key, issuer }) => sign(key, claimsOf(issuer), { typ: 'at+jwt ' }),
  'no kid': ({ key, issuer }) => sign(key, claimsOf(issuer), { kid: undefined }),
  'an unknown kid': ({ key, issuer }) => sign(key, claimsOf(issuer), { kid: 'unknown' }),
  'a kid that is a path': ({ key, issuer }) => sign(key, claimsOf(issuer), { kid: '../../../../dev/null' }),
  'a kid that is a number': ({ key, issuer }) => sign(key, claimsOf(issuer), { kid: 1 }),
  'a header that is not canonical base64url': async ({ key, issuer }) => {
    // Made so that the last character has bits to spare.
    const header = ['', ' ', '  ']
      .map((space) => encode(`{"alg":"ES256","typ":"at+jwt","kid":${JSON.stringify(key.kid)}}${space}`))
      .find((part) => part.length % 4 !== 0) as string
    return replaced(await sign(key, claimsOf(issuer)), HEADER, loosened(header))
  },
  'a signature that is not canonical base64url': ({ good }) =>
    replaced(good, SIGNATURE, loosened(partOf(good, SIGNATURE))),
  'padded base64url': ({ good }) => `${good}==`,
  'base64 in place of base64url': ({ good }) =>
    replaced(good, SIGNATURE, Buffer.from(partOf(good, SIGNATURE), 'base64url').toString('base64')),
  'a line break in the payload': ({ good }) => replaced(good, PAYLOAD, `${partOf(good, PAYLOAD)}\n`),
  'a blank before it': ({ good }) => ` ${good}`,
  'a member twice in the header': ({ good, key }) =>
    replaced(good, HEADER, encode(`{"alg":"none","alg":"ES256","kid":${JSON.stringify(key.kid)},"typ":"at+jwt"}`)),
  'a member twice in the payload': ({ key, issuer }) =>
    sign(key, JSON.stringify(claimsOf(issuer)).replace('{', '{"scope":"admin",')),
  'a member twice in the payload, once in escapes': ({ key, issuer }) =>
    sign(key, JSON.stringify(claimsOf(issuer)).replace('{', '{"\\u0073cope":"admin",')),
  'a payload that is a list': ({ key, issuer }) => sign(key, [claimsOf(issuer)]),
  'a payload that is null': ({ key }) => sign(key, 'null'),
  'a payload that is no JSON': ({ key }) => sign(key, 'nonsense'),
  'a payload with a byte order mark': ({ key, issuer }) => sign(key, `\ufeff${JSON.stringify(claimsOf(issuer))}`),
  'a huge token': ({ key, issuer }) => sign(key, claimsOf(issuer, { padding: 'x'.repeat(16_384) })),
  'no iss': ({ key, issuer }) => sign(key, claimsOf(issuer, { iss: undefined })),
  'no aud': ({ key, issuer }) => sign(key, claimsOf(issuer, { aud: undefined })),
  'an empty aud': ({ key, issuer }) => sign(key, claimsOf(issuer, { aud: [] })),
  'another aud': ({ key, issuer }) => sign(key, claimsOf(issuer, { aud: 'https://other.example.com' })),
  'an aud with a slash more': ({ key, issuer }) => sign(key, claimsOf(issuer, { aud: 'https://sales.example.com/' })),
  'an aud that holds ours in an object': ({ key, issuer }) =>
    sign(key, claimsOf(issuer, { aud: { 0: 'https://sales.example.com', length: 1 } })),
  'no exp': ({ key, issuer }) => sign(key, claimsOf(issuer, { exp: undefined })),
  'exp as text': ({ key, issuer }) => sign(key, claimsOf(issuer, { exp: String(NOW + 600) })),
  'exp without end': ({ key, issuer }) =>
    sign(key, JSON.stringify(claimsOf(issuer)).replace(/"exp":\d+/, '"exp":1e999')),
  'exp that is over': ({ key, issuer }) => sign(key, claimsOf(issuer, { exp: NOW - 5 })),
  'nbf to come': ({ key, issuer }) => sign(key, claimsOf(issuer, { nbf: NOW + 6 })),
  'nbf as text': ({ key, issuer }) => sign(key, claimsOf(issuer, { nbf: String(NOW - 10) })),
  'no iat': ({ key, issuer }) => sign(key, claimsOf(issuer, { iat: undefined })),
  'iat to come': ({ key, issuer }) => sign(key, claimsOf(issuer, { iat: NOW + 6 })),
  'no sub': ({ key, issuer }) => sign(key, claimsOf(issuer, { sub: undefined })),
  'no client_id': ({ key, issuer }) => sign(key, claimsOf(issuer, { client_id: undefined })),
  'client_id that is no text': ({ key, issuer }) => sign(key, claimsOf(issuer, { client_id: ['a'] })),
  'no jti': ({ key, issuer }) => sign(key, claimsOf(issuer, { jti: undefined })),
  'an empty jti': ({ key, issuer }) => sign(key, claimsOf(issuer, { jti: '' })),
  'scope as a list': ({ key, issuer }) => sign(key, claimsOf(issuer, { scope: ['sales:read'] })),
  'scope with two blanks': ({ key, issuer }) => sign(key, claimsOf(issuer, { scope: 'a  b' })),
  'a binding to a key': ({ key, issuer }) => sign(key, claimsOf(issuer, { cnf: { jkt: 'x'.repeat(43) } })),
  'a binding to a certificate': ({ key, issuer }) =>
    sign(key, claimsOf(issuer, { cnf: { 'x5t#S256': 'x'.repeat(43) } })),
  'a binding that nobody understands': ({ key, issuer }) => sign(key, claimsOf(issuer, { cnf: { new: 'thing' } })),
  'an empty binding': ({ key, issuer }) => sign(key, claimsOf(issuer, { cnf: {} })),
  'a binding to nothing': ({ key, issuer }) => sign(key, claimsOf(issuer, { cnf: null })),
}

describe('a forgery is refused', () => {
  let issuer: TestIssuer
  let loot: Loot
  beforeAll(async () => {
    const key = await makeKey('ES256', 'current')
    const rsa = await makeKey('RS256', 'current-rsa')
    issuer = await startIssuer(key, rsa)
    const good = await sign(key, claimsOf(issuer.issuer))
    loot = { issuer: issuer.issuer, key, rsa, own: await makeKey('ES256', 'own'), good }
  })
  afterAll(() => issuer.close())

  it('and what it is made from is not', async () => {
    expect(await verifierOf(issuer).verify(loot.good)).toMatchObject({ ok: true })
    expect(await verifierOf(issuer).verify(await sign(loot.rsa, claimsOf(issuer.issuer)))).toMatchObject({ ok: true })
  })

  it.each(Object.entries(FORGERIES))('%s', async (_, forge) => {
    const { verify, events } = verifierOf(issuer)
    const forgery = await forge(loot)
    expect(forgery).not.toBe(loot.good)
    expect(await verify(forgery)).toEqual({ ok: false, error: 'invalid_token' })
    expect(events).toMatchObject([{ type: 'bearer_refused', error: 'invalid_token' }])
  })

  it('with introspection on as well: what has the form of a signed token is never put to the issuer in its place', async () => {
    issuer.answers.set('/introspect', () => {
      throw new Error('the issuer was asked')
    })
    const introspection = { clientId: 'sales-api', clientSecret: 'secret' }
    for (const forge of [FORGERIES['a changed payload'], FORGERIES['typ JWT'], FORGERIES['no kid']])
      expect(await verifierOf(issuer, { introspection }).verify((await forge?.(loot)) as string)).toMatchObject({
        ok: false,
      })
    expect(issuer.asked).not.toContain('/introspect')
  })
})
