import { describe, expect, it } from 'vitest'
import { createSharedValues } from '../src/shared-values.ts'

describe('values that records share', () => {
  it('are one list for equal lists, and never the list of the caller', () => {
    const shared = createSharedValues()
    const mine = ['a', 'b']
    const first = shared.list(mine)
    expect(first).toEqual(mine)
    expect(first).not.toBe(mine)
    expect(shared.list(['a', 'b'])).toBe(first)
    expect(first).toSatisfy(Object.isFrozen)
  })

  it.each([
    [['a b'], ['a', 'b']],
    [['a', 'b'], ['a b']],
    [[], ['']],
    [[''], []],
    [['', ''], [' ']],
    [
      ['a', 'b'],
      ['b', 'a'],
    ],
  ])('keep %j and %j apart', (one, other) => {
    const shared = createSharedValues()
    expect(shared.list(one)).toEqual(one)
    expect(shared.list(other)).toEqual(other)
    expect(shared.list(one)).toEqual(one)
  })

  it('keep text that UTF-8 cannot hold', () => {
    const shared = createSharedValues()
    for (const text of ['\ud800', '\udc00', '\ufffd', '\0', '__proto__', '']) expect(shared.text(text)).toBe(text)
  })

  it('stay right when there are more than are remembered', () => {
    const shared = createSharedValues()
    const numbers = Array.from({ length: 20_000 }, (_, number) => String(number))
    for (const _ of ['first', 'again']) {
      expect(numbers.map(shared.text)).toEqual(numbers)
      expect(numbers.map((number) => shared.list([number, 'x']))).toEqual(numbers.map((number) => [number, 'x']))
    }
  })
})
