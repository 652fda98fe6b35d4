import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDeadline } from '../src/deadline.ts'

const never = () => new Promise<never>(() => {})

describe('a deadline', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  it('gives up what takes too long, and no sooner', async () => {
    const outcome = vi.fn<(text: string) => void>()
    createDeadline(1000)(never).catch((error: unknown) => outcome(String(error)))
    await vi.advanceTimersByTimeAsync(999)
    expect(outcome).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(300)
    expect(outcome).toHaveBeenCalledWith('Error: it took longer than 1000 ms')
  })

  it('hands on what comes in time, and what was thrown or rejected', async () => {
    const withinTime = createDeadline(1000)
    expect(await withinTime(async () => 'answer')).toBe('answer')
    await expect(withinTime(() => Promise.reject(new Error('rejected')))).rejects.toThrow('rejected')
    const thrown = withinTime(() => {
      throw new Error('thrown')
    })
    await expect(thrown).rejects.toThrow('thrown')
  })

  it('lets go at once of what has come, whether it is good or not: the next look finds nothing to wait for', async () => {
    const withinTime = createDeadline(1000)
    await withinTime(async () => 'answer')
    await Promise.allSettled([
      withinTime(() => Promise.reject(new Error('rejected'))),
      withinTime(
        async () => 'answer',
        () => {
          throw new Error('broken')
        },
      ),
    ])
    await vi.advanceTimersByTimeAsync(250)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('keeps no timer once nothing is under way', async () => {
    const withinTime = createDeadline(1000)
    await Promise.allSettled([withinTime(async () => 'answer'), vi.advanceTimersByTimeAsync(2000)])
    expect(vi.getTimerCount()).toBe(0)
  })
})
