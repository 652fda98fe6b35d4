import { describe, expect, it } from 'vitest'
import { inTurns } from '../src/turns.ts'

/** A Redis whose answers come when the test says so. */
function stepwise() {
  const commands: { readonly questions: readonly number[]; answer(): void; fail(error: Error): void }[] = []
  const ask = (questions: readonly number[]): Promise<readonly number[]> =>
    new Promise((resolve, reject) => {
      commands.push({ questions, answer: () => resolve(questions.map((question) => 2 * question)), fail: reject })
    })
  return { commands, ask }
}

const endOfTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

describe('what is asked in one turn of the event loop', () => {
  it('is one command at its end, whose answers go to those who asked', async () => {
    const { commands, ask } = stepwise()
    const askOne = inTurns(ask)
    const answers = Promise.all([1, 2, 3].map(askOne))
    expect(commands).toEqual([])
    await endOfTurn()
    expect(commands.map(({ questions }) => questions)).toEqual([[1, 2, 3]])
    commands[0]?.answer()
    expect(await answers).toEqual([2, 4, 6])
  })

  it('is sent before its end as soon as a command is full, and the rest at its end', async () => {
    const { commands, ask } = stepwise()
    const askOne = inTurns(ask)
    const answers = Promise.all(numbers(70).map(askOne))
    expect(commands.map(({ questions }) => questions.length)).toEqual([32, 32])
    await endOfTurn()
    expect(commands.map(({ questions }) => questions.length)).toEqual([32, 32, 6])
    for (const { answer } of commands.toReversed()) answer()
    expect(await answers).toEqual(numbers(70).map((number) => 2 * number))
  })

  it('does not wait for what was asked before', async () => {
    const { commands, ask } = stepwise()
    const askOne = inTurns(ask)
    const first = askOne(1)
    await endOfTurn()
    const second = askOne(2)
    await endOfTurn()
    commands[1]?.answer()
    expect(await second).toBe(4)
    commands[0]?.answer()
    expect(await first).toBe(2)
  })

  it('fails for all of them when the command fails, and for nobody else', async () => {
    const { commands, ask } = stepwise()
    const askOne = inTurns(ask)
    const outcomes = Promise.allSettled([1, 2].map(askOne))
    await endOfTurn()
    commands[0]?.fail(new Error('gone'))
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    const next = askOne(3)
    await endOfTurn()
    commands[1]?.answer()
    expect(await next).toBe(6)
  })

  it('fails when there are fewer answers than questions', async () => {
    const askOne = inTurns(async () => [])
    await expect(askOne(1)).rejects.toThrow('0 answers to 1 questions')
  })

  it('is refused at once beyond ten thousand, and taken when there is room again', async () => {
    const { commands, ask } = stepwise()
    const askOne = inTurns(ask)
    const answers = Promise.all(numbers(10_000).map(askOne))
    await expect(askOne(1)).rejects.toThrow('too slow')
    await endOfTurn()
    for (const { answer } of commands) answer()
    await answers
    const next = askOne(1)
    await endOfTurn()
    commands.at(-1)?.answer()
    expect(await next).toBe(2)
  })
})
