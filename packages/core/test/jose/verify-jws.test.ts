import { generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verifyWith } from '../../src/crypto.ts'
import { type JwsExpectation, verifyJws } from '../../src/jose/verify-jws.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const HEADER = { alg: 'ES256', typ: 'x+jwt', kid: 'key-1' }
const PAYLOAD = { sub: 'reports' }

/** Signs whatever it is given, with the right key. */
function signed(header: unknown = HEADER, payload: unknown = PAYLOAD): string {
  const input = `${encode(header)}.${encode(payload)}`
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

const expectation: JwsExpectation = {
  typ: 'x+jwt',
  longest: 2000,
  keyOf: (kid) =>
    kid === 'key-1'
      ? { alg: 'ES256', verify: (data, signature) => verifyWith('ES256', publicKey, data, signature) }
      : undefined,
}
const reasonOf = async (token: string): Promise<string> => {
  const verdict = await verifyJws(token, expectation)
  return verdict.ok ? 'good' : verdict.reason
}

describe('a signed token', () => {
  it('says what was signed', async () => {
    expect(await verifyJws(signed(), expectation)).toEqual({ ok: true, header: HEADER, payload: PAYLOAD })
  })

  it.each([
    ['too long', signed(HEADER, { pad: 'x'.repeat(2000) }), 'it is too long'],
    ['of one segment', 'abcd', 'it is not three segments of base64url'],
    ['of two segments', signed().split('.').slice(0, 2).join('.'), 'it is not three segments of base64url'],
    ['of four segments', `${signed()}.AAAA`, 'it is not three segments of base64url'],
    ['empty', '', 'it is not three segments of base64url'],
    ['with padding', `${signed()}==`, 'it is not three segments of base64url'],
    ['with a space around', ` ${signed()}`, 'it is not three segments of base64url'],
    ['with a line break behind', `${signed()}\n`, 'it is not three segments of base64url'],
    [
      'in the other base64',
      signed()
        .replace(/[-_]/g, (c) => (c === '-' ? '+' : '/'))
        .concat('+'),
      'it is not three segments of base64url',
    ],
    [
      'without a header',
      `.${signed().split('.').slice(1).join('.')}`,
      'its header is no JSON object that names each member once',
    ],
    ['with a header of another kind', signed([HEADER]), 'its header is no JSON object that names each member once'],
    ['with a header that is no JSON', signed('{"alg":'), 'its header is no JSON object that names each member once'],
    [
      'with a header that names a member twice',
      signed('{"alg":"none","typ":"x+jwt","kid":"key-1","alg":"ES256"}'),
      'its header is no JSON object that names each member once',
    ],
    ['without a typ', signed({ alg: 'ES256', kid: 'key-1' }), 'its typ is another'],
    ['for something else', signed({ ...HEADER, typ: 'JWT' }), 'its typ is another'],
    ['with a typ in capitals', signed({ ...HEADER, typ: 'X+JWT' }), 'its typ is another'],
    [
      'with a critical extension',
      signed({ ...HEADER, crit: ['exp'], exp: 1 }),
      'it has an extension that is not understood',
    ],
    ['with nothing critical', signed({ ...HEADER, crit: [] }), 'it has an extension that is not understood'],
    ['with a payload as it is', signed({ ...HEADER, b64: false }), 'it has an extension that is not understood'],
    ['of no key', signed({ alg: 'ES256', typ: 'x+jwt' }), 'its key is not known'],
    ['of an unknown key', signed({ ...HEADER, kid: 'key-2' }), 'its key is not known'],
    ['of a key by a number', signed({ ...HEADER, kid: 1 }), 'its kid is no text'],
    ['of no algorithm', signed({ ...HEADER, alg: 'none' }), 'its alg is not that of the key'],
    ['of an algorithm in other letters', signed({ ...HEADER, alg: 'es256' }), 'its alg is not that of the key'],
    ['of the HMAC of the public key', signed({ ...HEADER, alg: 'HS256' }), 'its alg is not that of the key'],
    ['without a signature', `${signed().split('.').slice(0, 2).join('.')}.`, 'its signature is not good'],
    [
      'with the signature of another',
      [...signed().split('.').slice(0, 2), signed(HEADER, {}).split('.')[2]].join('.'),
      'its signature is not good',
    ],
    [
      'with a payload that is no JSON',
      signed(HEADER, 'text'),
      'its payload is no JSON object that names each member once',
    ],
    [
      'with a payload of another kind',
      signed(HEADER, [1]),
      'its payload is no JSON object that names each member once',
    ],
    [
      'with a payload that names a claim twice',
      signed(HEADER, '{"sub":"a","sub":"b"}'),
      'its payload is no JSON object that names each member once',
    ],
  ])('is refused %s', async (_what, token, reason) => {
    expect(await reasonOf(token)).toBe(reason)
  })

  it('is refused with a payload that is no UTF-8', async () => {
    const input = `${encode(HEADER)}.${Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString('base64url')}`
    const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    expect(await reasonOf(`${input}.${signature.toString('base64url')}`)).toMatch(/^its payload/)
  })

  it('can be written in one way: any other last character is refused', async () => {
    const token = signed()
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    // The 86 characters of a signature of 64 bytes end in four bits that mean nothing.
    const others = [...characters].map((last) => token.slice(0, -1) + last).filter((other) => other !== token)
    const reasons = new Set(await Promise.all(others.map(reasonOf)))
    expect([...reasons].sort()).toEqual(['it is not three segments of base64url', 'its signature is not good'])
  })

  it('is refused whatever character of it is changed', async () => {
    const token = signed()
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(...'AQgw_-.=+ '), async (at, character) => {
        fc.pre(token[at] !== character)
        expect(await reasonOf(token.slice(0, at) + character + token.slice(at + 1))).not.toBe('good')
      }),
      { numRuns: 300 },
    )
  })

  it('finds its key by kid alone: no key in the header, nor the address of one, is looked at', async () => {
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = stranger.publicKey.export({ format: 'jwk' })
    for (const found of [
      { jwk },
      { jku: 'https://evil.example/keys' },
      { x5u: 'https://evil.example/cert' },
      { x5c: ['AAAA'] },
    ]) {
      const input = `${encode({ ...HEADER, ...found })}.${encode(PAYLOAD)}`
      const signature = sign('sha256', Buffer.from(input), { key: stranger.privateKey, dsaEncoding: 'ieee-p1363' })
      expect(await reasonOf(`${input}.${signature.toString('base64url')}`)).toBe('its signature is not good')
    }
  })
})
