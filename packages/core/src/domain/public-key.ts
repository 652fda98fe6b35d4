type Members = Readonly<Record<string, unknown>>

/** RFC 7518 §6.2.2, §6.3.2, §6.4.1: whoever sends one of these has given the private key away. */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const

/** The members of a JWK that only its owner may know. */
export const privateMembersIn = (key: Members): readonly string[] => PRIVATE.filter((name) => Object.hasOwn(key, name))

const KID = /^[\x21-\x7e]{1,255}$/

/** Whether a value can be the `kid` of a key: 1 to 255 characters of printable ASCII. */
export const isKeyId = (value: unknown): value is string => typeof value === 'string' && KID.test(value)

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

/** What is wrong with the members of an RSA key (RFC 7518 §3.3, §6.3.1). Repeats none of them. */
export function* problemsOfModulus({ n, e }: Members): Generator<string> {
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

/** What is wrong with the members of a key on one of the curves P-256, P-384, P-521 (RFC 7518 §6.2.1). */
export function* problemsOfPoint({ crv, x, y }: Members): Generator<string> {
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

const ED25519_BYTES = 32

/** The field of edwards25519, and the y of its points whose order divides 8 (RFC 8032 §5.1): the x of each may be negated. */
const P25519 = 2n ** 255n - 19n
const ORDER_EIGHT = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n
const SMALL_ORDER: readonly bigint[] = [0n, 1n, P25519 - 1n, ORDER_EIGHT, P25519 - ORDER_EIGHT]

/** What is wrong with the members of a key on Ed25519 (RFC 8037 §2). */
export function* problemsOfEdwardsPoint({ crv, x }: Members): Generator<string> {
  if (crv !== 'Ed25519') {
    yield 'must be on the curve Ed25519'
    return
  }
  if (numberOf(x, ED25519_BYTES) === undefined) {
    yield `must have x of ${ED25519_BYTES} bytes in base64url`
    return
  }
  const y = BigInt.asUintN(
    255,
    BigInt(
      `0x${Buffer.from(x as string, 'base64url')
        .reverse()
        .toString('hex')}`,
    ),
  )
  if (y >= P25519) yield 'is written otherwise than an encoder writes it'
  // After a few tries everybody finds a message with a signature that such a key takes (RFC 8032 §8.9 leaves it to us).
  else if (SMALL_ORDER.includes(y)) yield 'is a point of small order, by which everybody can sign'
}
