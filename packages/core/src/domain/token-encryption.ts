import type { PublicKeyMembers } from './signing-key.ts'

/** How the key of one token is encrypted to the public key of an API (RFC 7518 §4.3, §4.6). */
export const KEY_ENCRYPTION_ALGORITHMS = ['RSA-OAEP-256', 'ECDH-ES+A256KW'] as const
/** How the token itself is encrypted (RFC 7518 §5.3). */
export const CONTENT_ENCRYPTION_ALGORITHMS = ['A128GCM', 'A256GCM'] as const

/** An algorithm of the table {@link KEY_ENCRYPTION_ALGORITHMS}. */
export type KeyEncryptionAlgorithm = (typeof KEY_ENCRYPTION_ALGORITHMS)[number]

/** How tokens are encrypted to an API that has a key pair of its own. Plain data. */
export interface PublicKeyEncryption {
  /** `RSA-OAEP-256` takes an RSA key of 2048 to 8192 bits, `ECDH-ES+A256KW` one on P-256, P-384 or P-521. */
  readonly alg: KeyEncryptionAlgorithm
  readonly enc: (typeof CONTENT_ENCRYPTION_ALGORITHMS)[number]
  /** The public half of the API's key as a JWK. A `kid` is repeated in the header of each token. */
  readonly key: PublicKeyMembers
}

/** What makes a public key, and its name. Other members say nothing here, and are ignored (RFC 7517 §4). */
const KEPT = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid'] as const
/** What nobody but the API may know (RFC 7518 §6.2.2, §6.3.2, §6.4.1). */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const

const TYPES: Readonly<Record<KeyEncryptionAlgorithm, string>> = { 'RSA-OAEP-256': 'RSA', 'ECDH-ES+A256KW': 'EC' }

const MODULUS_BITS = { least: 2048, most: 8192 } as const

/** The curves y² = x³ − 3x + b over the integers modulo p (FIPS 186-4 §D.1.2). */
const CURVES: Readonly<Record<string, { readonly bytes: number; readonly p: bigint; readonly b: bigint }>> = {
  'P-256': {
    bytes: 32,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  'P-384': {
    bytes: 48,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
  'P-521': {
    bytes: 66,
    p: 2n ** 521n - 1n,
    b: 0x051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  },
}

const KID = /^[\x21-\x7e]{1,255}$/

/** The same, without what is of no use for encrypting. */
export const encryptionOf = ({ alg, enc, key }: PublicKeyEncryption): PublicKeyEncryption => ({
  alg,
  enc,
  key: Object.fromEntries(KEPT.flatMap((name) => (key[name] === undefined ? [] : [[name, key[name]]]))),
})

/** What is wrong with the way in which the tokens for an API are encrypted. Repeats nothing of the key. */
export function* problemsOfEncryption(encryption: unknown): Generator<string> {
  if (!isObject(encryption)) {
    yield 'accessTokenEncryption must have alg, enc and key'
    return
  }
  const alg = KEY_ENCRYPTION_ALGORITHMS.find((known) => known === encryption['alg'])
  if (alg === undefined) yield `accessTokenEncryption.alg must be one of ${KEY_ENCRYPTION_ALGORITHMS.join(', ')}`
  if (!CONTENT_ENCRYPTION_ALGORITHMS.some((known) => known === encryption['enc']))
    yield `accessTokenEncryption.enc must be one of ${CONTENT_ENCRYPTION_ALGORITHMS.join(', ')}`
  for (const name of Object.keys(encryption))
    if (!['alg', 'enc', 'key'].includes(name)) yield 'accessTokenEncryption has nothing but alg, enc and key'
  if (alg !== undefined)
    for (const problem of problemsOfKey(encryption['key'], alg)) yield `accessTokenEncryption.key ${problem}`
}

function* problemsOfKey(key: unknown, alg: KeyEncryptionAlgorithm): Generator<string> {
  if (!isObject(key)) {
    yield 'must be a public key as a JWK (RFC 7517 §4)'
    return
  }
  for (const name of PRIVATE) if (name in key) yield `must be the public half alone, and has ${name}`
  if (key['kty'] !== TYPES[alg]) yield `must be of the type ${TYPES[alg]} for ${alg}`
  else if (alg === 'RSA-OAEP-256') yield* problemsOfModulus(key)
  else yield* problemsOfPoint(key)
  if (key['use'] !== undefined && key['use'] !== 'enc') yield 'has a use that is not "enc"'
  if (key['alg'] !== undefined && key['alg'] !== alg) yield 'is for another algorithm (RFC 8725 §3.1)'
  if (key['kid'] !== undefined && !(typeof key['kid'] === 'string' && KID.test(key['kid'])))
    yield 'has a kid that is not 1 to 255 characters of printable ASCII'
}

function* problemsOfModulus({ n, e }: Readonly<Record<string, unknown>>): Generator<string> {
  const [modulus, exponent] = [numberOf(n), numberOf(e)]
  if (modulus === undefined || exponent === undefined) {
    yield 'must have n and e in base64url'
    return
  }
  const bits = modulus.toString(2).length
  if (bits < MODULUS_BITS.least || bits > MODULUS_BITS.most)
    yield `must have ${MODULUS_BITS.least} to ${MODULUS_BITS.most} bits, and has ${bits}`
  if (modulus % 2n === 0n) yield 'has a modulus that is even, and so is none'
  if (exponent < 3n || exponent >= 2n ** 32n || exponent % 2n === 0n)
    yield 'must have an odd public exponent from 3 to 2^32'
}

function* problemsOfPoint({ crv, x, y }: Readonly<Record<string, unknown>>): Generator<string> {
  const curve = typeof crv === 'string' && Object.hasOwn(CURVES, crv) ? CURVES[crv] : undefined
  if (typeof crv !== 'string' || curve === undefined) {
    yield `must be on one of the curves ${Object.keys(CURVES).join(', ')}`
    return
  }
  const { bytes, p, b } = curve
  const [px, py] = [numberOf(x, bytes), numberOf(y, bytes)]
  if (px === undefined || py === undefined) yield `must have x and y of ${bytes} bytes in base64url`
  // One that is not on the curve would tell whoever sent it something of the other half.
  else if (px >= p || py >= p || (py * py - (px * px * px - 3n * px + b)) % p !== 0n) yield `is not on the curve ${crv}`
}

/** The number of a member that is written as an encoder writes it (RFC 7518 §2, §6.2.1.2). */
function numberOf(value: unknown, bytes?: number): bigint | undefined {
  if (typeof value !== 'string' || value === '' || value.length > 2048) return undefined
  const read = Buffer.from(value, 'base64url')
  if (read.toString('base64url') !== value || (bytes !== undefined && read.length !== bytes)) return undefined
  return BigInt(`0x${read.toString('hex')}`)
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
