import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checksum, endsInChecksum } from '../../src/protocol/checksum.ts'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const numberOf = (text: string) => [...text].reduce((value, digit) => value * 62 + DIGITS.indexOf(digit), 0)

describe('checksum', () => {
  it('is the CRC-32 that everybody knows, in six base62 characters', () => {
    expect(numberOf(checksum('123456789'))).toBe(0xcbf43926)
    expect(checksum('')).toBe('000000')
  })

  it('agrees with zlib about any ASCII text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 80 }), (text) => {
        expect(checksum(text)).toMatch(/^[0-9A-Za-z]{6}$/)
        expect(numberOf(checksum(text))).toBe(crc32(text))
      }),
    )
  })

  it('changes with every single character that is changed', () => {
    const text = 'lk_at_0123456789'
    for (let index = 0; index < text.length; index += 1)
      expect(checksum(`${text.slice(0, index)}~${text.slice(index + 1)}`)).not.toBe(checksum(text))
  })

  it('is found at the end of a text, and nothing else is taken for it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme-ascii', maxLength: 80 }),
        fc.nat(),
        fc.integer({ min: 0x20, max: 0x7e }),
        (text, place, code) => {
          const whole = text + checksum(text)
          expect(endsInChecksum(whole)).toBe(true)
          const at = place % whole.length
          const changed = whole.slice(0, at) + String.fromCharCode(code) + whole.slice(at + 1)
          expect(endsInChecksum(changed)).toBe(changed.slice(-6) === checksum(changed.slice(0, -6)))
          if (changed !== whole) expect(endsInChecksum(changed)).toBe(false)
        },
      ),
    )
  })
})
