import { describe, expect, it } from 'vitest'
import { randomBase62, randomId } from '../src/random-text.ts'

describe('randomBase62', () => {
  it('draws every character about as often as any other', () => {
    const draws = 124_000
    const counts = new Map<string, number>()
    for (const character of randomBase62(draws)) counts.set(character, (counts.get(character) ?? 0) + 1)
    expect([...counts.keys()].sort().join('')).toBe('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')
    const expected = draws / 62
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    // 61 degrees of freedom: above 160 by chance less than once in a thousand million runs; a modulo bias gives thousands.
    expect(chiSquare).toBeLessThan(160)
  })

  it('gives as many characters as are asked for, across the ends of its pool, and none twice', () => {
    const texts = Array.from({ length: 1000 }, () => randomBase62(43))
    expect(texts.every((text) => /^[0-9A-Za-z]{43}$/.test(text))).toBe(true)
    expect(new Set(texts).size).toBe(1000)
    expect(randomBase62(10_000)).toHaveLength(10_000)
    expect(randomBase62(0)).toBe('')
  })
})

describe('randomId', () => {
  it('gives 32 bytes in base64url, and none twice', () => {
    const ids = Array.from({ length: 1000 }, randomId)
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(new Set(ids).size).toBe(1000)
  })
})
