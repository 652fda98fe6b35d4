import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  inOrder,
  leadOf,
  nextSignsFrom,
  outlivedKey,
  type RotationSchedule,
  signingKeyOf,
  stateOf,
} from '../../src/keys/rotation-schedule.ts'

const schedule: RotationSchedule = {
  rotateEverySeconds: 1000,
  publishedForSeconds: 30,
  refreshSeconds: 10,
  clockSkewSeconds: 5,
  longestTokenSeconds: 100,
}
const key = (kid: string, signsFrom: number) => ({ kid, signsFrom })
const [first, second, third] = [key('first', 1000), key('second', 2000), key('third', 3000)]

describe('the key that signs', () => {
  it.each([
    [1000, 'first'],
    [1999, 'first'],
    [2000, 'second'],
    [2999, 'second'],
    [3000, 'third'],
    [9999, 'third'],
  ])('is at %i the %s one', (now, kid) => {
    expect(signingKeyOf([first, second, third], now)?.kid).toBe(kid)
  })

  it('is the first one where the clock is behind all of them', () => {
    expect(signingKeyOf([first, second], 900)?.kid).toBe('first')
  })

  it('is none where there is no key', () => {
    expect(signingKeyOf([], 1000)).toBeUndefined()
  })

  it('is the same on every node for two keys of one second', () => {
    const twins = [key('b', 1000), key('a', 1000)]
    expect(signingKeyOf(twins.toSorted(inOrder), 1000)).toBe(signingKeyOf(twins.toReversed().sort(inOrder), 1000))
  })
})

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

  it('is announced, signs, and retires', () => {
    const keys = [first, second]
    expect([999, 1000, 1999, 2000].map((now) => stateOf(second, keys, now))).toEqual([
      'announced',
      'announced',
      'announced',
      'signing',
    ])
    expect([1000, 2000].map((now) => stateOf(first, keys, now))).toEqual(['signing', 'retired'])
  })
})

describe('a year of rotations', () => {
  it('never signs with a key that a cache may lack, nor removes one whose tokens live', () => {
    const seconds = (least: number, most: number) => fc.integer({ min: least, max: most })
    fc.assert(
      fc.property(
        fc.record({
          rotateEverySeconds: seconds(1, 50),
          publishedForSeconds: seconds(0, 30),
          refreshSeconds: seconds(1, 10),
          clockSkewSeconds: seconds(0, 10),
          longestTokenSeconds: seconds(1, 40),
        }),
        fc.array(seconds(0, 60), { minLength: 20, maxLength: 60 }),
        (drawn, steps) => {
          let keys: { kid: string; signsFrom: number; addedAt: number; isFirst: boolean }[] = []
          const signedAt = new Map<string, number>()
          let now = 0
          for (const step of steps) {
            now += step
            for (;;) {
              const signsFrom = nextSignsFrom(keys, now, drawn)
              const gone = outlivedKey(keys, now, drawn)
              const isFirst = keys.length === 0
              if (signsFrom !== undefined)
                keys = [...keys, { kid: `${keys.length}.${now}`, signsFrom, addedAt: now, isFirst }]
              else if (gone !== undefined) {
                const lastSigned = signedAt.get(gone.kid) ?? Number.NEGATIVE_INFINITY
                expect(lastSigned + drawn.longestTokenSeconds).toBeLessThan(now)
                keys = keys.filter((known) => known !== gone)
              } else break
              keys.sort(inOrder)
            }
            const signing = signingKeyOf(keys, now)
            expect(signing).toBeDefined()
            if (signing === undefined) return
            if (!signing.isFirst) expect(now - signing.addedAt).toBeGreaterThanOrEqual(leadOf(drawn))
            signedAt.set(signing.kid, now)
            expect(keys.filter((known) => stateOf(known, keys, now) === 'signing')).toHaveLength(1)
          }
        },
      ),
    )
  })
})
