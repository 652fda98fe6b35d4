import { describe, expect, it } from 'vitest'
import { createExpiryChains } from '../src/expiry-chains.ts'
import { createSlots, NONE } from '../src/slots.ts'

/** Chains of slots, each with the time at which it expires. */
function chainsOf(times: readonly number[]) {
  const slots = createSlots()
  const chains = createExpiryChains(slots)
  const timeOf = new Map<number, number>()
  const add = (time: number): void => {
    const slot = slots.open()
    timeOf.set(slot, time)
    chains.add(slot, time)
  }
  for (const time of times) add(time)
  /** The times of all that have expired, in the order in which they are taken out. */
  const takenAt = (now: number): readonly (number | undefined)[] => {
    const taken: (number | undefined)[] = []
    for (let slot = chains.takeExpired(now); slot !== NONE; slot = chains.takeExpired(now)) {
      taken.push(timeOf.get(slot))
      timeOf.delete(slot)
    }
    return taken
  }
  return { add, takenAt }
}

describe('the chains of what expires', () => {
  it('give out what has expired, the earliest first, each once, and nothing else', () => {
    const times = Array.from({ length: 5000 }, (_, index) => (index * 7919) % 997)
    const { takenAt } = chainsOf(times)
    const inOrder = times.toSorted((a, b) => a - b)
    const taken: (number | undefined)[] = []
    for (const now of [0, 1, 500, 500, 998]) {
      taken.push(...takenAt(now))
      expect(taken).toEqual(inOrder.filter((time) => time < now))
    }
    expect(taken).toEqual(inOrder)
  })

  it('take a time that they have given out already, and times from one end to the other', () => {
    const { add, takenAt } = chainsOf([0, Number.MAX_SAFE_INTEGER, 5])
    expect(takenAt(6)).toEqual([0, 5])
    add(5)
    expect(takenAt(6)).toEqual([5])
    expect(takenAt(Number.MAX_SAFE_INTEGER)).toEqual([])
  })
})
