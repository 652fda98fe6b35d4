import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'

/** Every way to write a point of Ed25519 whose order divides 8, also those that no encoder writes, as hexadecimal digits. */
export const SMALL_ORDER_POINTS = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
] as const

const TRIES = 500

/**
 * Signs by a key of small order, of which nobody has the private half: one text after another is tried, until one of a few
 * fixed signatures fits.
 */
export function forge(publicKey: KeyObject, textOf: (attempt: number) => string): string {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const text = textOf(attempt)
    for (const point of SMALL_ORDER_POINTS) {
      const signature = Buffer.concat([Buffer.from(point, 'hex'), Buffer.alloc(32)])
      if (verify(null, Buffer.from(text), publicKey, signature)) return `${text}.${signature.toString('base64url')}`
    }
  }
  throw new Error('no signature fits')
}

/** The orders of the curves (FIPS 186-4 §D.1.2). */
const ORDERS: Readonly<Record<string, bigint>> = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ES384: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ES512:
    0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
}

/** The same token with the other signature that is as good: of (r, s) that is (r, n − s), and whoever reads the first can make it. */
export function twinOf(token: string): string {
  const [header = '', payload, signature = ''] = token.split('.')
  const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { readonly alg: string }
  const order = ORDERS[alg]
  if (order === undefined) throw new Error('its signatures have no twins')
  const bytes = Buffer.from(signature, 'base64url')
  const half = bytes.length / 2
  const s = order - BigInt(`0x${bytes.subarray(half).toString('hex')}`)
  const twin = Buffer.concat([bytes.subarray(0, half), Buffer.from(s.toString(16).padStart(2 * half, '0'), 'hex')])
  return `${header}.${payload}.${twin.toString('base64url')}`
}

/** A key whose owner writes header and payload letter by letter. */
export interface LiteralSigner {
  readonly jwk: Readonly<Record<string, unknown>>
  token(header: string, payload: string | Buffer): string
}

export function makeLiteralSigner(): LiteralSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    jwk: publicKey.export({ format: 'jwk' }),
    token(header, payload) {
      const text = [header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.')
      const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' })
      return `${text}.${signature.toString('base64url')}`
    },
  }
}
