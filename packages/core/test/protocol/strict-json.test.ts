import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseStrictJson } from '../../src/protocol/strict-json.ts'

describe('parseStrictJson', () => {
  it('reads whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value, undefined, 2)
        expect(parseStrictJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it.each([
    ['at the top', '{"a":1,\n"a":2}', 'line 2: the name "a" is given twice'],
    ['deep down', '[{"b":{"a":1,"a":1}}]', 'line 1: the name "a" is given twice'],
    ['behind an escape', '{"client":1,"cl\\u0069ent":2}', 'line 1: the name "client" is given twice'],
    ['after an object of its own', '{"a":{"a":1},"b":[{"a":1}],"a":2}', 'line 1: the name "a" is given twice'],
    ['named __proto__', '{"__proto__":1,"__proto__":2}', 'line 1: the name "__proto__" is given twice'],
  ])('refuses a name that is given twice %s', (_, text, message) => {
    expect(() => parseStrictJson(text)).toThrow(message)
  })

  it.each([
    '{"a":"{\\"b\\":1,\\"b\\":2}"}',
    '{"a":{"x":1},"b":{"x":1}}',
    '[{"a":1},{"a":1}]',
    '{"a":["a","a"],"b":"a"}',
    '{"a\\\\":1,"a":2}',
    '"a"',
  ])('takes %s', (text) => {
    expect(parseStrictJson(text)).toEqual(JSON.parse(text))
  })

  it('reads a text of any length', () => {
    const long = { a: 'x'.repeat(12_000_000) }
    expect(parseStrictJson(JSON.stringify(long))).toEqual(long)
  })

  it.each(['{"a":"hunter2",}', '{"a":"hunter2"', 'hunter2', '', '{"a":hunter2}', '{"a":\n\n"hunter2"\n x}'])(
    'says that %j is not JSON, and repeats nothing of it',
    (text) => {
      expect(() => parseStrictJson(text)).toThrow(/^it is not valid JSON(?: \(line \d+\))?$/)
    },
  )
})
