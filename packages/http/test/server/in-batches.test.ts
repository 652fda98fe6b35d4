import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { inBatches } from '../../src/server/in-batches.ts'

describe('work in batches', () => {
  it('is done at the end of the turn, all of it, in order', async () => {
    const done: number[] = []
    const work = inBatches((item: number) => done.push(item))
    for (const item of [1, 2, 3]) work(item)
    expect(done).toEqual([])
    await setImmediate()
    expect(done).toEqual([1, 2, 3])
  })

  it('gives way to everything else after some of it, and forgets none of the rest', async () => {
    const done: number[] = []
    const work = inBatches((item: number) => done.push(item))
    const items = Array.from({ length: 100 }, (_, index) => index)
    for (const item of items) work(item)
    const after: number[] = []
    while (done.length < items.length) {
      await setImmediate()
      after.push(done.length)
    }
    expect(after).toEqual([32, 64, 96, 100])
    expect(done).toEqual(items)
  })

  it('may come up while other work is done, and has its turn later', async () => {
    const done: string[] = []
    const work = inBatches((item: string) => {
      done.push(item)
      if (item === 'first') work('second')
    })
    work('first')
    await setImmediate()
    expect(done).toEqual(['first'])
    await setImmediate()
    expect(done).toEqual(['first', 'second'])
  })
})
