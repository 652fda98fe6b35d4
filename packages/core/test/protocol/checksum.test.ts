import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checksum } from '../../src/protocol/checksum.ts'

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
})
