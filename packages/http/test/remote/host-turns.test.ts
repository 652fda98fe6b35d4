import { describe, expect, it } from 'vitest'
import { createHostTurns } from '../../src/remote/host-turns.ts'

describe('turns at a host', () => {
  function slowCalls() {
    const begun: string[] = []
    const ends: (() => void)[] = []
    const call = (name: string) => () => {
      begun.push(name)
      return new Promise<string>((resolve) => ends.push(() => resolve(name)))
    }
    return { begun, ends, call }
  }

  it('are given to a few at a time, and to the others in their order', async () => {
    const { begun, ends, call } = slowCalls()
    const turns = createHostTurns({ most: 2, longestWaitMs: 10_000 })
    const all = ['a', 'b', 'c', 'd'].map((name) => turns.take('one.example', call(name)))
    await Promise.resolve()
    expect(begun).toEqual(['a', 'b'])
    ends[0]?.()
    await all[0]
    await Promise.resolve()
    expect(begun).toEqual(['a', 'b', 'c'])
    ends[1]?.()
    await all[1]
    await Promise.resolve()
    for (const end of ends) end()
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('at one host do not hold up another', async () => {
    const { begun, ends, call } = slowCalls()
    const turns = createHostTurns({ most: 1, longestWaitMs: 10_000 })
    const all = [turns.take('slow.example', call('a')), turns.take('other.example', call('b'))]
    await Promise.resolve()
    expect(begun).toEqual(['a', 'b'])
    for (const end of ends) end()
    await Promise.all(all)
  })

  it('are not waited for endlessly, and who gave up does not stand in the way', async () => {
    const { begun, ends, call } = slowCalls()
    const turns = createHostTurns({ most: 1, longestWaitMs: 20 })
    const first = turns.take('slow.example', call('a'))
    await expect(turns.take('slow.example', call('b'))).rejects.toThrow('too much is being fetched from its host')
    ends[0]?.()
    await first
    const third = turns.take('slow.example', call('c'))
    await Promise.resolve()
    expect(begun).toEqual(['a', 'c'])
    ends[1]?.()
    await third
  })

  it('are given on when a call fails', async () => {
    const turns = createHostTurns({ most: 1, longestWaitMs: 1000 })
    await expect(turns.take('a.example', () => Promise.reject(new Error('away')))).rejects.toThrow('away')
    expect(await turns.take('a.example', async () => 'back')).toBe('back')
  })
})
