import { describe, expect, it } from 'vitest'
import { createRestarts } from '../../src/workers/restarts.ts'

const STEADY_MS = 10_000

describe('a worker that dies', () => {
  it('is replaced at once when it has served for a while', () => {
    const { afterDeath } = createRestarts()
    expect([1, 2, 3, 4, 5, 6, 7].map(() => afterDeath(STEADY_MS))).toEqual([0, 0, 0, 0, 0, 0, 0])
  })

  it('is replaced after a time that doubles when it dies early, and in the end no more', () => {
    const { afterDeath } = createRestarts()
    expect([1, 2, 3, 4, 5, 6].map(() => afterDeath(STEADY_MS - 1))).toEqual([200, 400, 800, 1600, 3200, undefined])
  })

  it('has all its chances again once one has served for a while', () => {
    const { afterDeath } = createRestarts()
    const lives = [0, 0, 0, 0, 0, STEADY_MS, 0]
    expect(lives.map(afterDeath)).toEqual([200, 400, 800, 1600, 3200, 0, 200])
  })
})
