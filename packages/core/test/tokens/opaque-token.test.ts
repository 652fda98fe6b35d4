import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checksum } from '../../src/protocol/checksum.ts'
import { generateOpaqueToken, isOpaqueToken, tokenIdOf } from '../../src/tokens/opaque-token.ts'

describe('an opaque token', () => {
  it('is a prefix, 43 characters of base62 and a checksum: 55 characters that mean the same in a URL', () => {
    const token = generateOpaqueToken()
    expect(token).toMatch(/^lk_at_[0-9A-Za-z]{49}$/)
    expect(token.slice(49)).toBe(checksum(token.slice(0, 49)))
    expect(encodeURIComponent(token)).toBe(token)
    expect(isOpaqueToken(token)).toBe(true)
  })

  it('is never made twice', () => {
    expect(new Set(Array.from({ length: 1000 }, generateOpaqueToken)).size).toBe(1000)
  })

  const body = `lk_at_${'R'.repeat(43)}`
  it.each([
    '',
    body,
    `${body}000000`,
    `${body.slice(1)}${checksum(body.slice(1))}`,
    `${body}R${checksum(`${body}R`)}`,
    `lk_s_${'R'.repeat(44)}${checksum(`lk_s_${'R'.repeat(44)}`)}`,
    ` ${body}${checksum(body)}`,
    `${body}${checksum(body)}\n`,
  ])('is not %j', (value) => {
    expect(isOpaqueToken(value)).toBe(false)
  })

  it('is told from any other text, and from itself with one character changed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (value) => {
        expect(isOpaqueToken(value)).toBe(false)
      }),
    )
    const token = generateOpaqueToken()
    for (let index = 0; index < token.length; index += 1) {
      const slip = token[index] === 'x' ? 'y' : 'x'
      expect(isOpaqueToken(token.slice(0, index) + slip + token.slice(index + 1))).toBe(false)
    }
  })

  it('is stored under the SHA-256 of its value, which tells nothing of it', () => {
    expect(tokenIdOf('abc')).toBe(
      Buffer.from('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 'hex').toString('base64url'),
    )
  })
})
