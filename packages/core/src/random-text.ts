import { randomFillSync } from './crypto.ts'

const BASE62 = Buffer.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', 'latin1')

// Asking the system for each token would cost more than all the rest of it, so random bytes are taken from a pool.
// A byte is used once and overwritten at once.
const pool = Buffer.alloc(4096)
let unused = 0

function randomByte(): number {
  if (unused === 0) {
    randomFillSync(pool)
    unused = pool.length
  }
  unused -= 1
  const byte = pool[unused] as number
  pool[unused] = 0
  return byte
}

/** Characters of 0-9, A-Z and a-z, each drawn evenly: 5.95 bits apiece, 256 bits in 43. */
export function randomBase62(length: number): string {
  const text = Buffer.allocUnsafe(length)
  let drawn = 0
  while (drawn < length) {
    // Six bits name 64 characters and there are 62: the two that are left over are drawn again.
    const character = BASE62[randomByte() & 63]
    if (character === undefined) continue
    text[drawn] = character
    drawn += 1
  }
  return text.toString('latin1')
}

const ID_BYTES = 32

/** 32 bytes in base64url: what names a token that is kept nowhere. */
export function randomId(): string {
  const bytes = Buffer.allocUnsafe(ID_BYTES)
  for (let drawn = 0; drawn < ID_BYTES; drawn += 1) bytes[drawn] = randomByte()
  return bytes.toString('base64url')
}
