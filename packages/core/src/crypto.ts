/** The only file that touches `node:crypto`: what it lets out is what Latchkey uses, and nothing can be called otherwise. */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPair,
  hash,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
  scrypt,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto'

export type { KeyObject } from 'node:crypto'
export { randomBytes, randomFillSync, randomInt, randomUUID } from 'node:crypto'

/** SHA-256 of bytes, or of a text's UTF-8, as base64url: 43 characters. */
export const sha256 = (data: string | Uint8Array): string => hash('sha256', data, 'base64url')

/** Bytes of a SHA-256 digest. */
const DIGEST_BYTES = 32

/**
 * Compares two base64url digests of 32 bytes in constant time.
 *
 * @throws RangeError when either is not such a digest: a stored one is broken then, which is no mismatch.
 */
export function digestsEqual(a: string, b: string): boolean {
  return timingSafeEqual(readDigest(a, LEFT), readDigest(b, RIGHT))
}

// Two places to compare in, used again and again: to make two for each comparison takes longer than to compare.
const LEFT = Buffer.alloc(DIGEST_BYTES)
const RIGHT = Buffer.alloc(DIGEST_BYTES)

function readDigest(digest: string, into: Buffer): Buffer {
  if (digest.length !== 43 || into.write(digest, 'base64url') !== DIGEST_BYTES)
    throw new RangeError('a stored digest cannot be read')
  return into
}

/** A keyed fingerprint under a key that never leaves this process. */
export function createFingerprint(): (parts: readonly string[]) => string {
  const key = randomBytes(DIGEST_BYTES)
  return (parts) => {
    const hmac = createHmac('sha256', key)
    // The length before each part, so that no two lists of parts read the same.
    for (const part of parts) hmac.update(`${part.length}:`).update(part)
    return hmac.digest('base64url')
  }
}

/**
 * The cost of checking a secret that a person chose: N = 2^15, r = 8, p = 3 takes 32 MiB and about a quarter of a second.
 * Of equal strength to N = 2^17, p = 1 by OWASP's table, with a quarter of the memory. Fixed, so that every attempt costs
 * the same.
 */
const SCRYPT = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 } as const
const SCRYPT_PREFIX = '$scrypt$ln=15,r=8,p=3$'
const SALT_BYTES = 16

/** What answers by a callback, as a promise. */
const answerOf = <Answer>(ask: (answer: (error: Error | null, value: Answer) => void) => void): Promise<Answer> =>
  new Promise((resolve, reject) => ask((error, value) => (error === null ? resolve(value) : reject(error))))

const derive = (secret: string, salt: Buffer): Promise<Buffer> =>
  answerOf((answer) => scrypt(secret, salt, DIGEST_BYTES, SCRYPT, answer))

/** PHC strings use standard base64 without padding. */
const toPhcBase64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')

/** Hashes a secret with scrypt, off the event loop, into a PHC string with a salt of its own. */
export async function scryptHash(secret: string): Promise<`$scrypt$${string}`> {
  const salt = randomBytes(SALT_BYTES)
  return `${SCRYPT_PREFIX}${toPhcBase64(salt)}$${toPhcBase64(await derive(secret, salt))}`
}

/**
 * Whether a secret is the one that was hashed. One scrypt, off the event loop; the comparison takes constant time.
 *
 * @throws RangeError when the hash cannot be read: it is broken then, which is no mismatch.
 */
export async function scryptMatches(secret: string, phc: string): Promise<boolean> {
  const [salt, expected] = phc.startsWith(SCRYPT_PREFIX)
    ? phc
        .slice(SCRYPT_PREFIX.length)
        .split('$')
        .map((part) => Buffer.from(part, 'base64'))
    : []
  if (salt?.length !== SALT_BYTES || expected?.length !== DIGEST_BYTES)
    throw new RangeError('a stored hash cannot be read')
  return timingSafeEqual(await derive(secret, salt), expected)
}

type KeyPairAlgorithm = `${'ES' | 'RS' | 'PS'}${256 | 384 | 512}` | 'EdDSA' | 'Ed25519'

/** What OpenSSL must be told to make of an algorithm's name what JWS means by it. */
interface Mechanism {
  readonly type: 'ec' | 'rsa' | 'ed25519'
  readonly curve?: string
  readonly digest: string | null
  readonly form: Readonly<Record<string, string | number>>
}

/** JWS takes a signature of a curve as two numbers side by side (RFC 7518 §3.4), OpenSSL makes ASN.1 unless it is told. */
const ecdsa = (curve: string, digest: string): Mechanism => {
  const form = { dsaEncoding: 'ieee-p1363' }
  return { type: 'ec', curve, digest, form }
}
/** RSA_PKCS1_PSS_PADDING, with a salt as long as the digest (RFC 7518 §3.5). */
const PSS = { padding: 6, saltLength: -1 }
const rsa = (digest: string, form = {}): Mechanism => ({ type: 'rsa', digest, form })
const ed25519: Mechanism = { type: 'ed25519', digest: null, form: {} }

const MECHANISMS: Readonly<Record<KeyPairAlgorithm, Mechanism>> = {
  ES256: ecdsa('prime256v1', 'sha256'),
  ES384: ecdsa('secp384r1', 'sha384'),
  ES512: ecdsa('secp521r1', 'sha512'),
  EdDSA: ed25519,
  Ed25519: ed25519,
  RS256: rsa('sha256'),
  RS384: rsa('sha384'),
  RS512: rsa('sha512'),
  PS256: rsa('sha256', PSS),
  PS384: rsa('sha384', PSS),
  PS512: rsa('sha512', PSS),
}

const MODULUS_BITS = { least: 2048, most: 8192 } as const

/** Makes a key pair, off the event loop. */
export function generatePrivateKey(alg: KeyPairAlgorithm): Promise<KeyObject> {
  const { type, curve: namedCurve = '' } = MECHANISMS[alg]
  return answerOf<KeyObject>((answer) => {
    const done = (error: Error | null, _publicKey: KeyObject, privateKey: KeyObject): void => answer(error, privateKey)
    if (type === 'ec') generateKeyPair('ec', { namedCurve }, done)
    else if (type === 'rsa') generateKeyPair('rsa', { modulusLength: MODULUS_BITS.least }, done)
    else generateKeyPair('ed25519', undefined, done)
  })
}

/** Why a key must not be used with an algorithm (RFC 7518 §3.3, §3.4, RFC 8037 §3.1); `undefined` where it may. */
export function keyFault(alg: KeyPairAlgorithm, key: KeyObject): string | undefined {
  const mechanism = MECHANISMS[alg]
  const { namedCurve, modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType !== mechanism.type)
    return `${alg} takes a key of the type ${mechanism.type}, and this is one of the type ${key.asymmetricKeyType ?? 'secret'}`
  if (mechanism.type === 'ec' && namedCurve !== mechanism.curve)
    return `${alg} takes a key on the curve ${mechanism.curve}, and this one is on ${namedCurve ?? 'none'}`
  if (mechanism.type !== 'rsa') return undefined
  if (modulusLength < MODULUS_BITS.least || modulusLength > MODULUS_BITS.most)
    return `an RSA key must have ${MODULUS_BITS.least} to ${MODULUS_BITS.most} bits, and this one has ${modulusLength}`
  if (publicExponent < 3n || publicExponent >= 2n ** 32n || publicExponent % 2n === 0n)
    return 'the public exponent of an RSA key must be odd, from 3 to 2^32'
  return undefined
}

/** Reads a private key in PEM, as a JWK, or in the form of {@link exportPrivateKey}. @throws when it is none. */
export function importPrivateKey(key: string | Readonly<Record<string, unknown>> | Uint8Array): KeyObject {
  if (typeof key === 'string') return createPrivateKey(key)
  if (key instanceof Uint8Array) return createPrivateKey({ key: Buffer.from(key), format: 'der', type: 'pkcs8' })
  return createPrivateKey({ key: key as JsonWebKey, format: 'jwk' })
}

/** PKCS #8. */
export const exportPrivateKey = (key: KeyObject): Uint8Array => key.export({ format: 'der', type: 'pkcs8' })

/** Reads the public half of a key. @throws when it is none. */
export const importPublicKey = (members: Readonly<Record<string, string>>): KeyObject =>
  createPublicKey({ key: members, format: 'jwk' })

/** The public half of a key as a JWK has it, and nothing of the private one. */
export const publicMembersOf = (key: KeyObject): Readonly<Record<string, string>> =>
  (key.type === 'public' ? key : createPublicKey(key)).export({ format: 'jwk' }) as Record<string, string>

/** Signs off the event loop (RFC 7515 §5.1). */
export function signWith(alg: KeyPairAlgorithm, key: KeyObject, data: Uint8Array): Promise<Uint8Array> {
  const { digest, form } = MECHANISMS[alg]
  return answerOf<Buffer>((answer) => sign(digest, data, { key, ...form }, answer))
}

/** Whether a signature is of that key and these data; checked off the event loop. */
export function verifyWith(
  alg: KeyPairAlgorithm,
  key: KeyObject,
  data: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const { digest, form } = MECHANISMS[alg]
  return answerOf<boolean>((answer) => verify(digest, data, { key, ...form }, signature, answer))
}

/** A secret that is used with an algorithm, and never shown. */
export const secretKeyOf = (secret: string): KeyObject => createSecretKey(secret, 'utf8')

/** HMAC with SHA-2 (RFC 7518 §3.2). At once: it costs less than to wait for another thread. */
export const hmacOf = (digest: 'sha256' | 'sha384' | 'sha512', key: KeyObject, data: Uint8Array): Uint8Array =>
  createHmac(digest, key).update(data).digest()

/** Compares in constant time what may have any length. */
export const bytesEqual = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b)

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** AES-256-GCM with a nonce of its own, which stands first, and the tag last. */
export function encrypt(key: Uint8Array, plain: Uint8Array, authenticated: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(authenticated))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** @throws when either part is not what was encrypted with that key. */
export function decrypt(key: Uint8Array, sealed: Uint8Array, authenticated: string): Uint8Array {
  const end = sealed.length - TAG_BYTES
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(authenticated))
    .setAuthTag(sealed.subarray(end))
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, end)), decipher.final()])
}
