import { afterEach, describe, expect, it, vi } from 'vitest'
import { createKeyDerivationQueue } from '../../src/client-auth/key-derivation-queue.ts'
import { nextTurn } from '../test-server.ts'

describe('the queue of key derivations', () => {
  it('never runs more than two at once, in the order in which they came', async () => {
    const queue = createKeyDerivationQueue()
    const order: number[] = []
    let [running, most] = [0, 0]
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        queue(async () => {
          order.push(n)
          running += 1
          most = Math.max(most, running)
          await nextTurn()
          running -= 1
        }),
      ),
    )
    expect(most).toBe(2)
    expect(order).toEqual(Array.from({ length: 20 }, (_, n) => n))
  })

  it('gives the place of a derivation that fails, or throws before it begins, to the next', async () => {
    const queue = createKeyDerivationQueue()
    const failing = Array.from({ length: 10 }, (_, n) =>
      queue(
        n % 2 === 0
          ? () => Promise.reject(new Error('failed'))
          : () => {
              throw new Error('threw')
            },
      ).catch((error: unknown) => (error as Error).message),
    )
    expect(await queue(async () => 'done')).toBe('done')
    expect(new Set(await Promise.all(failing))).toEqual(new Set(['failed', 'threw']))
  })

  it('is full again and again, and free again each time', async () => {
    const queue = createKeyDerivationQueue()
    for (let round = 0; round < 3; round += 1) {
      const outcomes = await Promise.allSettled(Array.from({ length: 70 }, () => queue(nextTurn)))
      expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(4)
    }
  })

  describe('when it moves slowly', () => {
    afterEach(() => vi.useRealTimers())

    it('tells those who have waited for ten seconds to come again, and loses no place by it', async () => {
      vi.useFakeTimers()
      const queue = createKeyDerivationQueue()
      const ends: (() => void)[] = []
      const slow = () => new Promise<void>((resolve) => ends.push(resolve))
      const running = [queue(slow), queue(slow)]
      const late = queue(slow).catch((error: unknown) => error)
      await vi.advanceTimersByTimeAsync(10_000)
      expect(await late).toMatchObject({ code: 'temporarily_unavailable', retryAfterSeconds: 1 })
      for (const end of ends) end()
      await Promise.all(running)
      expect(await queue(async () => 'done')).toBe('done')
      expect(vi.getTimerCount()).toBe(0)
    })
  })
})
