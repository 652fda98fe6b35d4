/** How many numbers of 32 bits hold a digest. */
export const DIGEST_WORDS = 8

/** What 32 bytes take in base64url. */
const DIGEST_CHARACTERS = 43

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Negative, and it stays so wherever it is shifted and joined with others. */
const STRANGER = -1

/** The six bits of each character, by its code. */
const BITS = Int8Array.from({ length: 128 }, (_, code) => ALPHABET.indexOf(String.fromCharCode(code)))

/**
 * Reads 32 bytes that are written in base64url as {@link DIGEST_WORDS} numbers, the first byte highest, without a text or
 * a buffer in between.
 *
 * @returns whether it is such a text, as an encoder writes it; if not, `words` hold nothing of use.
 */
export function readDigest(text: string, words: Uint32Array): boolean {
  if (text.length !== DIGEST_CHARACTERS) return false
  let strangers = 0
  // Sixteen characters are twelve bytes: three words.
  for (let at = 0, word = 0; word < 6; at += 16, word += 3) {
    const [a, b, c, d] = [bitsAt(text, at), bitsAt(text, at + 4), bitsAt(text, at + 8), bitsAt(text, at + 12)]
    strangers |= a | b | c | d
    words[word] = (a << 8) | (b >>> 16)
    words[word + 1] = (b << 16) | (c >>> 8)
    words[word + 2] = (c << 24) | d
  }
  // What is left are eleven: the last one holds four bits, and two that an encoder leaves zero.
  const [a, b, c] = [bitsAt(text, 32), bitsAt(text, 36), bitsAt(text, 39)]
  words[6] = (a << 8) | (b >>> 16)
  words[7] = (b << 16) | ((c >>> 2) & 0xffff)
  return (strangers | a | b | c) >= 0 && (c & 0b11) === 0
}

/** The 24 bits of four characters; negative when there is a stranger among them. */
const bitsAt = (text: string, at: number): number =>
  (bitsOf(text, at) << 18) | (bitsOf(text, at + 1) << 12) | (bitsOf(text, at + 2) << 6) | bitsOf(text, at + 3)

const bitsOf = (text: string, at: number): number => BITS[text.charCodeAt(at)] ?? STRANGER
