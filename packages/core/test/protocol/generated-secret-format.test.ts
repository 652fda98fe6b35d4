import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checksum } from '../../src/protocol/checksum.ts'
import { credentialIdIn, formatGeneratedSecret } from '../../src/protocol/generated-secret-format.ts'

const ID = 'abcDEF012345'
const RANDOM = 'R'.repeat(43)
const SECRET = formatGeneratedSecret(ID, RANDOM)
const base62 = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789ABCXYZabcxyz'), minLength: length, maxLength: length })

describe('the form of a generated secret', () => {
  it('is a prefix, the id, the random part and a checksum of all of them, at fixed places', () => {
    expect(SECRET).toHaveLength(68)
    expect(SECRET.slice(0, 62)).toBe(`lk_s_${ID}_${RANDOM}_`)
    expect(SECRET.slice(62)).toBe(checksum(`lk_s_${ID}_${RANDOM}_`))
    expect(encodeURIComponent(SECRET)).toBe(SECRET)
  })

  it('names its credential again', () => {
    fc.assert(
      fc.property(base62(12), base62(43), (id, random) => {
        expect(credentialIdIn(formatGeneratedSecret(id, random))).toBe(id)
      }),
    )
  })

  const withSum = (named: string) => named + checksum(named)
  it.each([
    ['empty', ''],
    ['the prefix alone', 'lk_s_'],
    ['of a token', withSum(`lk_at_${ID}_${'R'.repeat(42)}_`)],
    ['cut by one character', SECRET.slice(0, -1)],
    ['longer by one character', `${SECRET}0`],
    ['with a space before it', ` ${SECRET.slice(0, -1)}`],
    ['with a line feed after it', `${SECRET}\n`],
    ['with a wrong checksum', SECRET.slice(0, -1) + (SECRET.endsWith('0') ? '1' : '0')],
    ['with an id of 11 and a random part of 44', withSum(`lk_s_${ID.slice(1)}_${RANDOM}R_`)],
    ['with another separator', withSum(`lk_s_${ID}-${RANDOM}_`)],
    ['with a character beyond base62', withSum(`lk_s_${ID}_${RANDOM.slice(1)}-_`)],
    ['in another case', withSum(`LK_S_${ID}_${RANDOM}_`)],
  ])('is not the form of a text that is %s', (_, text) => {
    expect(credentialIdIn(text)).toBeUndefined()
  })

  it('is told of any text without throwing, and no slip of one character keeps it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        expect(credentialIdIn(text)).toBeUndefined()
      }),
    )
    for (let index = 0; index < SECRET.length; index += 1) {
      const slip = SECRET[index] === 'x' ? 'y' : 'x'
      expect(credentialIdIn(SECRET.slice(0, index) + slip + SECRET.slice(index + 1))).toBeUndefined()
    }
  })
})
