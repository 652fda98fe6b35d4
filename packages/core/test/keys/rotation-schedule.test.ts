import { describe, expect, it } from 'vitest'
import { leadOf, nextSignsFrom, outlivedKey, type RotationSchedule } from '../../src/keys/rotation-schedule.ts'

const schedule: RotationSchedule = {
  rotateEverySeconds: 1000,
  publishedForSeconds: 30,
  refreshSeconds: 10,
  clockSkewSeconds: 5,
  longestTokenSeconds: 100,
}
const key = (kid: string, signsFrom: number) => ({ kid, signsFrom })
const [first, second] = [key('first', 1000), key('second', 2000)]

describe('the next key', () => {
  it('signs at once where there is none: nobody can have kept an empty set', () => {
    expect(nextSignsFrom([], 500, schedule)).toBe(500)
  })

  it('is announced as long before it signs as any cache may be without it', () => {
    expect(leadOf(schedule)).toBe(45)
    expect(nextSignsFrom([first], 1954, schedule)).toBeUndefined()
    expect(nextSignsFrom([first], 1955, schedule)).toBe(2000)
  })

  it('is announced once', () => {
    expect(nextSignsFrom([first, second], 1960, schedule)).toBeUndefined()
  })

  it('still has its full lead where nobody was there in time', () => {
    expect(nextSignsFrom([first], 5000, schedule)).toBe(5045)
  })
})

describe('a key that has signed', () => {
  it('stays until its last token has expired on every clock', () => {
    const last = 2000 + 100 + 5 + 10
    expect(outlivedKey([first, second], last, schedule)).toBeUndefined()
    expect(outlivedKey([first, second], last + 1, schedule)).toBe(first)
  })

  it('stays for ever while no other follows it', () => {
    expect(outlivedKey([first], 1_000_000, schedule)).toBeUndefined()
  })
})
