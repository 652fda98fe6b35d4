import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBatcher } from '../src/batcher.ts'

/** As `pg` tells what the database says. */
const databaseError = (code: string, message = code): Error => Object.assign(new Error(message), { code })

const DATA = '22P02'
const GONE = '57P01'

/** A backend whose statements end when the test says so. */
function stepwise<Item>() {
  const statements: { readonly items: readonly Item[]; succeed(): void; fail(error: Error): void }[] = []
  const run = (items: readonly Item[]): Promise<readonly string[]> =>
    new Promise((resolve, reject) => {
      statements.push({ items, succeed: () => resolve(items.map((item) => `answer to ${String(item)}`)), fail: reject })
    })
  return { statements, run }
}

/** Lets everything happen that waits for nothing else. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a batcher', () => {
  it('starts the first statement at the end of the turn in which it is asked, without a timer', async () => {
    const { statements, run } = stepwise<number>()
    void createBatcher({ what: 'numbers', run })(1)
    expect(statements).toEqual([])
    await settle()
    expect(statements.map(({ items }) => items)).toEqual([[1]])
  })

  it('shares among the lanes what comes in one turn, so that none stands still', async () => {
    const { statements, run } = stepwise<number>()
    const ask = createBatcher({ what: 'numbers', run, lanes: 2 })
    const answers = Promise.all([1, 2, 3, 4, 5].map(ask))
    await settle()
    expect(statements.map(({ items }) => items)).toEqual([
      [1, 2, 3],
      [4, 5],
    ])
    for (const { succeed } of statements) succeed()
    await answers
  })

  it('makes one statement of what came while the lanes were taken', async () => {
    const { statements, run } = stepwise<number>()
    const ask = createBatcher({ what: 'numbers', run, lanes: 1 })
    const first = ask(1)
    await settle()
    const answers = Promise.all([first, ...[2, 3, 4].map(ask)])
    statements[0]?.succeed()
    await settle()
    expect(statements.map(({ items }) => items)).toEqual([[1], [2, 3, 4]])
    statements[1]?.succeed()
    expect(await answers).toEqual([1, 2, 3, 4].map((item) => `answer to ${item}`))
  })

  it('puts no more into a statement than it may', async () => {
    const { statements, run } = stepwise<number>()
    const ask = createBatcher({ what: 'numbers', run, lanes: 1, largest: 2 })
    const answers = Promise.all([1, 2, 3, 4].map(ask))
    await settle()
    for (let statement = 0; statement < 2; statement++) {
      statements[statement]?.succeed()
      await settle()
    }
    expect(statements.map(({ items }) => items)).toEqual([
      [1, 2],
      [3, 4],
    ])
    await answers
  })

  it('answers nobody before the statement of his own has ended', async () => {
    const { statements, run } = stepwise<number>()
    const ask = createBatcher({ what: 'numbers', run, lanes: 2 })
    const answered: number[] = []
    const all = Promise.all([1, 2].map((item) => ask(item).then(() => answered.push(item))))
    await settle()
    statements[1]?.succeed()
    await settle()
    expect(answered).toEqual([2])
    statements[0]?.succeed()
    await all
    expect(answered).toEqual([2, 1])
  })

  it('fails all callers of a statement that lost its connection, does not repeat it, and goes on with the next', async () => {
    const { statements, run } = stepwise<number>()
    const ask = createBatcher({ what: 'numbers', run, lanes: 1 })
    const first = ask(1)
    await settle()
    const refused = Promise.allSettled([2, 3].map(ask))
    statements[0]?.succeed()
    await first
    await settle()
    statements[1]?.fail(databaseError(GONE))
    expect((await refused).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    const next = ask(4)
    await settle()
    expect(statements.map(({ items }) => items)).toEqual([[1], [2, 3], [4]])
    statements[2]?.succeed()
    expect(await next).toBe('answer to 4')
  })

  it('tries no more rows by themselves once the connection is gone', async () => {
    const sizes: number[] = []
    const ask = createBatcher<number, number>({
      what: 'numbers',
      lanes: 1,
      async run(items) {
        sizes.push(items.length)
        if (items.length > 1) throw databaseError(DATA)
        if (items[0] === 3) throw databaseError(GONE)
        return items
      },
    })
    const outcomes = await Promise.allSettled([1, 2, 3, 4, 5].map(ask))
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected', 'rejected'])
    expect(sizes).toEqual([5, 1, 1, 1])
  })

  it('refuses at once what is more than may wait, and takes more when there is room again', async () => {
    const { statements, run } = stepwise<number>()
    const ask = createBatcher({ what: 'numbers', run, lanes: 1, bound: 2 })
    const first = ask(1)
    await settle()
    const waiting = Promise.all([first, ...[2, 3].map(ask)])
    await expect(ask(4)).rejects.toThrow('2 numbers are waiting for the database already')
    statements[0]?.succeed()
    await settle()
    const another = ask(5)
    statements[1]?.succeed()
    await settle()
    statements[2]?.succeed()
    expect(await another).toBe('answer to 5')
    await waiting
  })

  it('fails everybody when a statement answers for fewer than it was asked for', async () => {
    const ask = createBatcher({ what: 'numbers', run: async () => [] })
    await expect(ask(1)).rejects.toThrow('1 numbers got 0 answers')
  })
})

describe('every caller of a batcher', () => {
  it('gets the answer to what he asked, whatever the order, the sizes and the failures of others', async () => {
    const item = fc.record({ value: fc.nat(), wrong: fc.boolean() })
    const shape = fc.record({
      items: fc.array(item, { minLength: 1, maxLength: 60 }),
      lanes: fc.integer({ min: 1, max: 4 }),
      largest: fc.integer({ min: 1, max: 20 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), shape, async (scheduler, { items, lanes, largest }) => {
        let underWay = 0
        const ask = createBatcher<(typeof items)[number], number>({
          what: 'numbers',
          lanes,
          largest,
          async run(batch) {
            expect(++underWay).toBeLessThanOrEqual(lanes)
            expect(batch.length).toBeLessThanOrEqual(largest)
            await scheduler.schedule(Promise.resolve())
            underWay--
            if (batch.some(({ wrong }) => wrong)) throw databaseError(DATA, 'wrong')
            return batch.map(({ value }) => 2 * value)
          },
        })
        const outcomes = Promise.allSettled(
          items.map((one) => scheduler.schedule(Promise.resolve()).then(() => ask(one))),
        )
        await scheduler.waitFor(outcomes)
        for (const [index, outcome] of (await outcomes).entries()) {
          const { value, wrong } = items[index] as (typeof items)[number]
          if (wrong) expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'wrong' } })
          else expect(outcome).toEqual({ status: 'fulfilled', value: 2 * value })
        }
      }),
      { numRuns: 200 },
    )
  })
})
