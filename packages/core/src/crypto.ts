/** The only file that touches `node:crypto`: what it lets out is what Latchkey uses, and nothing can be called otherwise. */
import { createHmac, hash, randomBytes, randomFillSync, scrypt, timingSafeEqual } from 'node:crypto'

export { randomUUID } from 'node:crypto'

/** SHA-256 of a text's UTF-8, as base64url: 43 characters. */
export const sha256 = (text: string): string => hash('sha256', text, 'base64url')

/** Bytes of a SHA-256 digest. */
const DIGEST_BYTES = 32

/**
 * Compares two base64url digests of 32 bytes in constant time.
 *
 * @throws RangeError when either is not such a digest: a stored one is broken then, which is no mismatch.
 */
export function digestsEqual(a: string, b: string): boolean {
  return timingSafeEqual(digestBytes(a), digestBytes(b))
}

function digestBytes(digest: string): Buffer {
  const bytes = Buffer.from(digest, 'base64url')
  if (bytes.length !== DIGEST_BYTES || digest.length !== 43) throw new RangeError('a stored digest cannot be read')
  return bytes
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

const BASE62 = Buffer.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', 'latin1')

// Asking the system for each token would cost more than all the rest of it, so random bytes are taken from a pool.
// A byte is used once and overwritten at once.
const pool = Buffer.alloc(4096)
let unused = 0

/** Characters of 0-9, A-Z and a-z, each drawn evenly: 5.95 bits apiece, 256 bits in 43. */
export function randomBase62(length: number): string {
  const text = Buffer.allocUnsafe(length)
  let drawn = 0
  while (drawn < length) {
    if (unused === 0) {
      randomFillSync(pool)
      unused = pool.length
    }
    unused -= 1
    // Six bits name 64 characters and there are 62: the two that are left over are drawn again.
    const character = BASE62[(pool[unused] as number) & 63]
    pool[unused] = 0
    if (character === undefined) continue
    text[drawn] = character
    drawn += 1
  }
  return text.toString('latin1')
}

/**
 * The cost of checking a secret that a person chose: N = 2^15, r = 8, p = 3 takes 32 MiB and about a quarter of a second.
 * Of equal strength to N = 2^17, p = 1 by OWASP's table, with a quarter of the memory. Fixed, so that every attempt costs
 * the same.
 */
const SCRYPT = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 } as const
const SCRYPT_PREFIX = '$scrypt$ln=15,r=8,p=3$'
const SALT_BYTES = 16

const derive = (secret: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(secret, salt, DIGEST_BYTES, SCRYPT, (error, key) => (error === null ? resolve(key) : reject(error)))
  })

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
