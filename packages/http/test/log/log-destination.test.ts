import { describe, expect, it } from 'vitest'
import { inTurns } from '../../src/log/log-destination.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function setUp() {
  const written: string[] = []
  return { ...inTurns({ write: (text) => written.push(text) }), written }
}

describe('the lines of a log', () => {
  it('are written together when they come together, in order, and soon', async () => {
    const { stream, written } = setUp()
    stream.write('a\n')
    stream.write('b\n')
    expect(written).toEqual([])
    await turn()
    stream.write('c\n')
    await turn()
    expect(written).toEqual(['a\nb\n', 'c\n'])
  })

  it('are handed on at once when the process ends, and once', async () => {
    const { stream, written, handOn } = setUp()
    stream.write('a\n')
    handOn()
    handOn()
    expect(written).toEqual(['a\n'])
    await turn()
    expect(written).toEqual(['a\n'])
  })
})
