import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DIGEST_WORDS, readDigest } from '../src/digest-words.ts'

const bytesRead = (text: string): Buffer | undefined => {
  const words = new Uint32Array(DIGEST_WORDS)
  if (!readDigest(text, words)) return undefined
  const bytes = Buffer.alloc(32)
  for (const [index, word] of words.entries()) bytes.writeUInt32BE(word, index * 4)
  return bytes
}

const digests = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes))

describe('reading 32 bytes in base64url', () => {
  it('gives the bytes that were written', () => {
    fc.assert(
      fc.property(digests, (bytes) => {
        expect(bytesRead(bytes.toString('base64url'))).toEqual(bytes)
      }),
    )
  })

  it('refuses whatever an encoder does not write', () => {
    const form = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/
    const texts = fc.oneof(
      fc.string({ unit: 'binary', minLength: 42, maxLength: 44 }),
      fc.string({ unit: fc.constantFrom(...'AEQg048-_+/=\u0141\0'), minLength: 43, maxLength: 43 }),
      fc.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    )
    fc.assert(
      fc.property(texts, (text) => {
        expect(bytesRead(text) !== undefined).toBe(form.test(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('refuses a stranger at each of its places', () => {
    const text = Buffer.alloc(32, 0xa5).toString('base64url')
    for (const stranger of ['+', '/', '=', ' ', '\0', '\u007f', '\u0080', '\u0141', '\ud800'])
      for (let at = 0; at < text.length; at++)
        expect(bytesRead(`${text.slice(0, at)}${stranger}${text.slice(at + 1)}`)).toBeUndefined()
    expect(bytesRead(text)).toBeDefined()
  })
})
