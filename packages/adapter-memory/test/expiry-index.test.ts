import { describe, expect, it } from 'vitest'
import { createExpiryIndex } from '../src/expiry-index.ts'

describe('the index of what expires', () => {
  it('gives out what has expired, the earliest first, and nothing else', () => {
    const index = createExpiryIndex()
    const times = Array.from({ length: 5000 }, (_, key) => (key * 7919) % 997)
    for (const [key, time] of times.entries()) index.add(String(key), time)
    const taken: number[] = []
    for (const now of [0, 1, 500, 500, 998]) {
      const batch = index.takeExpired(now, Number.MAX_SAFE_INTEGER).map((key) => times[Number(key)] as number)
      expect(batch).toEqual(batch.toSorted((a, b) => a - b))
      expect(batch.every((time) => time < now)).toBe(true)
      taken.push(...batch)
    }
    expect(taken).toEqual(times.toSorted((a, b) => a - b))
  })

  it('gives out no more than it was asked for, and the rest another time', () => {
    const index = createExpiryIndex()
    for (const [key, time] of [1, 1, 1, 2, 2].entries()) index.add(String(key), time)
    const sizes = [2, 2, 2, 2].map((limit) => index.takeExpired(9, limit).length)
    expect(sizes).toEqual([2, 2, 1, 0])
  })

  it('takes a time that it has given out already, and times from one end to the other', () => {
    const index = createExpiryIndex()
    for (const time of [0, Number.MAX_SAFE_INTEGER, 5]) index.add(`${time}`, time)
    expect(index.takeExpired(6, 9)).toEqual(['0', '5'])
    index.add('5 again', 5)
    expect(index.takeExpired(6, 9)).toEqual(['5 again'])
    expect(index.takeExpired(Number.MAX_SAFE_INTEGER, 9)).toEqual([])
  })
})
