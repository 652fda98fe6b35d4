import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SigningAlgorithm } from '../../src/index.ts'
import { type AlgorithmsInUse, dueKey, keyThatSigns, keyToRemove, stateOf } from '../../src/keys/key-lines.ts'
import { inOrder, leadOf, type RotationSchedule } from '../../src/keys/rotation-schedule.ts'

const schedule: RotationSchedule = {
  rotateEverySeconds: 1000,
  publishedForSeconds: 30,
  refreshSeconds: 10,
  clockSkewSeconds: 5,
  longestTokenSeconds: 100,
}
const key = (kid: string, signsFrom: number, alg: SigningAlgorithm = 'ES256', createdAt = signsFrom) => ({
  kid,
  alg,
  signsFrom,
  createdAt,
})
const [first, second, third] = [key('first', 1000), key('second', 2000), key('third', 3000)]
const rsa = key('rsa', 1500, 'RS256')

describe('the key that signs', () => {
  it.each([
    [1000, 'first'],
    [1999, 'first'],
    [2000, 'second'],
    [2999, 'second'],
    [3000, 'third'],
    [9999, 'third'],
  ])('is at %i the %s one', (now, kid) => {
    expect(keyThatSigns([first, second, third], ['ES256'], now)?.kid).toBe(kid)
  })

  it('is the first one where the clock is behind all of them', () => {
    expect(keyThatSigns([first, second], ['ES256'], 900)?.kid).toBe('first')
    expect(keyThatSigns([first, rsa], ['ES256', 'RS256'], 900, 'RS256')?.kid).toBe('rsa')
  })

  it('is none where there is no key', () => {
    expect(keyThatSigns([], ['ES256'], 1000)).toBeUndefined()
  })

  it('is the same on every node for two keys of one second', () => {
    const twins = [key('b', 1000), key('a', 1000)]
    const signing = (keys: typeof twins) => keyThatSigns(keys, ['ES256'], 1000)
    expect(signing(twins.toSorted(inOrder))).toBe(signing(twins.toReversed().sort(inOrder)))
  })

  it('is another for each algorithm in use, and none of one that is not, or whose time has not come', () => {
    const keys = [first, rsa, second]
    expect(keyThatSigns(keys, ['ES256', 'RS256'], 1999)).toBe(first)
    expect(keyThatSigns(keys, ['ES256', 'RS256'], 1999, 'RS256')).toBe(rsa)
    expect(keyThatSigns(keys, ['ES256', 'RS256'], 1499, 'RS256')).toBeUndefined()
    expect(keyThatSigns(keys, ['ES256', 'RS256'], 1999, 'PS256')).toBeUndefined()
  })

  it('is one of before while the server’s own algorithm has none yet, and not one that is kept for resources', () => {
    const announced = key('next', 2500, 'EdDSA')
    const keys = [first, rsa, announced]
    expect(keyThatSigns(keys, ['EdDSA', 'RS256'], 2499)).toBe(first)
    expect(keyThatSigns(keys, ['EdDSA', 'RS256'], 2500)).toBe(announced)
    // Whichever was the server's own and is a resource's now still has to sign until then.
    expect(keyThatSigns(keys, ['EdDSA', 'RS256', 'ES256'], 2499)).toBe(rsa)
  })

  it('is the server’s own still when the last resource of another algorithm is gone', () => {
    expect(keyThatSigns([first, rsa], ['ES256'], 1600)).toBe(first)
  })
})

describe('the next key', () => {
  it('is made for each algorithm of a set that is being born, the server’s own last, and each signs at once', () => {
    const algorithms: AlgorithmsInUse = ['ES256', 'RS256', 'EdDSA']
    const born = { ed: key('ed', 1000, 'EdDSA'), rs: key('rs', 1001, 'RS256'), es: key('es', 1002) }
    expect(dueKey([], algorithms, 1000, schedule)).toEqual({ alg: 'EdDSA', signsFrom: 1000 })
    expect(dueKey([born.ed], algorithms, 1001, schedule)).toEqual({ alg: 'RS256', signsFrom: 1001 })
    expect(dueKey([born.ed, born.rs], algorithms, 1002, schedule)).toEqual({ alg: 'ES256', signsFrom: 1002 })
    expect(dueKey([born.ed, born.rs, born.es], algorithms, 1003, schedule)).toBeUndefined()
  })

  it('has its full lead for an algorithm that is added to a set which caches may have kept', () => {
    expect(dueKey([first], ['ES256', 'RS256'], 1000, schedule)).toEqual({ alg: 'RS256', signsFrom: 1045 })
    expect(dueKey([first], ['ES256', 'RS256'], 1700, schedule)).toEqual({ alg: 'RS256', signsFrom: 1745 })
  })

  it('is announced for each algorithm in its own time', () => {
    expect(dueKey([first, rsa], ['ES256', 'RS256'], 1955, schedule)).toEqual({ alg: 'ES256', signsFrom: 2000 })
    expect(dueKey([first, rsa, second], ['ES256', 'RS256'], 2454, schedule)).toBeUndefined()
    expect(dueKey([first, rsa, second], ['ES256', 'RS256'], 2455, schedule)).toEqual({ alg: 'RS256', signsFrom: 2500 })
  })
})

describe('a key that has signed', () => {
  it('stays while no other of its algorithm follows it', () => {
    expect(keyToRemove([first, rsa], ['ES256', 'RS256'], 1_000_000, schedule)).toBeUndefined()
    expect(keyToRemove([first, rsa, second], ['ES256', 'RS256'], 2116, schedule)).toBe(first)
  })

  it('goes, where nobody wants its algorithm any more, when the next one of the server’s own has signed long enough', () => {
    expect(keyToRemove([first, rsa], ['ES256'], 1_000_000, schedule)).toBeUndefined()
    expect(keyToRemove([rsa, second], ['ES256'], 2115, schedule)).toBeUndefined()
    expect(keyToRemove([rsa, second], ['ES256'], 2116, schedule)).toBe(rsa)
  })

  it('is announced, signs, and retires', () => {
    const keys = [first, rsa, second]
    const stateAt = (one: typeof first) => (now: number) => stateOf(one, keys, ['ES256', 'RS256'], now)
    expect([999, 1000, 1999, 2000].map(stateAt(second))).toEqual(['announced', 'announced', 'announced', 'signing'])
    expect([1000, 2000].map(stateAt(first))).toEqual(['signing', 'retired'])
    expect([1499, 1500, 2000].map(stateAt(rsa))).toEqual(['announced', 'signing', 'signing'])
  })
})

describe('a year of rotations', () => {
  it.each<[string, AlgorithmsInUse]>([
    ['one algorithm', ['ES256']],
    ['three algorithms', ['ES256', 'RS256', 'EdDSA']],
  ])('of %s never signs with a key that a cache may lack, nor removes one whose tokens live', (_, algorithms) => {
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
          let keys: ReturnType<typeof key>[] = []
          const signedAt = new Map<string, number>()
          let now = 0
          let made = 0
          for (const step of steps) {
            now += step
            const isBorn = keys.length === 0
            for (;;) {
              const due = dueKey(keys, algorithms, now, drawn)
              const gone = keyToRemove(keys, algorithms, now, drawn)
              if (due !== undefined) {
                made += 1
                keys = [...keys, key(`${isBorn ? 'born' : 'made'} ${made}`, due.signsFrom, due.alg, now)]
              } else if (gone !== undefined) {
                const lastSigned = signedAt.get(gone.kid) ?? Number.NEGATIVE_INFINITY
                expect(lastSigned + drawn.longestTokenSeconds).toBeLessThan(now)
                keys = keys.filter((known) => known !== gone)
              } else break
              keys.sort(inOrder)
            }
            for (const alg of algorithms) {
              const signing = keyThatSigns(keys, algorithms, now, alg)
              expect(signing?.alg).toBe(alg)
              if (signing === undefined) return
              if (!signing.kid.startsWith('born')) expect(now - signing.createdAt).toBeGreaterThanOrEqual(leadOf(drawn))
              signedAt.set(signing.kid, now)
            }
            const states = keys.map((known) => stateOf(known, keys, algorithms, now))
            expect(states.filter((state) => state === 'signing')).toHaveLength(algorithms.length)
          }
        },
      ),
    )
  })
})
