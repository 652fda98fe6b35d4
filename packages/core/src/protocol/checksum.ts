const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Characters of a {@link checksum}. */
export const CHECKSUM_LENGTH = 6

const IS_BASE62 = Uint8Array.from({ length: 0x80 }, (_, code) => (BASE62.includes(String.fromCharCode(code)) ? 1 : 0))

/** Whether what stands from `start` up to `end` in a text is all of base62. */
export function isBase62(text: string, start: number, end: number): boolean {
  for (let index = start; index < end; index += 1) if (IS_BASE62[text.charCodeAt(index)] !== 1) return false
  return true
}

/** CRC-32 as of IEEE 802.3 (reflected, polynomial 0xEDB88320), a byte at a time. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit += 1) remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1
  return remainder
})

/**
 * CRC-32 of an ASCII text as six base62 characters. Not a secret and no protection: it tells a mistyped or invented token
 * from a real one without asking anybody, and lets a scanner that looks for leaked secrets be sure of its find.
 */
export function checksum(text: string): string {
  let rest = crcOf(text, text.length)
  let digits = ''
  for (let place = 0; place < CHECKSUM_LENGTH; place += 1) {
    digits = BASE62.charAt(rest % 62) + digits
    rest = Math.floor(rest / 62)
  }
  return digits
}

/** Whether a text ends in the checksum of all that precedes it. It cuts nothing out: every request asks this twice. */
export function endsInChecksum(text: string): boolean {
  const start = text.length - CHECKSUM_LENGTH
  let rest = crcOf(text, start)
  for (let index = text.length - 1; index >= start; index -= 1) {
    if (text.charCodeAt(index) !== BASE62.charCodeAt(rest % 62)) return false
    rest = Math.floor(rest / 62)
  }
  return true
}

/** Of what stands before `end`. */
function crcOf(text: string, end: number): number {
  let crc = 0xffffffff
  for (let index = 0; index < end; index += 1) crc = (crc >>> 8) ^ (TABLE[(crc ^ text.charCodeAt(index)) & 0xff] ?? 0)
  return (crc ^ 0xffffffff) >>> 0
}
