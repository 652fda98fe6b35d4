import { describe, expect, it } from 'vitest'
import { originForm, pathOf, queryOf } from '../../src/exchange/target.ts'

describe('the target of a request', () => {
  it.each([
    ['/a', '/a', ''],
    ['/a?b=c', '/a', 'b=c'],
    ['/a?b=c?d#e', '/a', 'b=c?d#e'],
    ['/a#b?c', '/a', 'b?c'],
    ['/%61%2F', '/a%2F', ''],
    ['/', '/', ''],
  ])('%s has the path %s and the query %s', (target, path, query) => {
    expect([pathOf(target), queryOf(target)]).toEqual([path, query])
  })

  it.each(['/%', '/%zz', '/%ff'])('%s cannot be read', (target) => {
    expect(() => pathOf(target)).toThrow(expect.objectContaining({ code: 'invalid_request', status: 400 }))
  })

  it.each([
    ['/a', '/a'],
    ['http://h/a?b', '/a?b'],
    ['HTTPS://h:1/a', '/a'],
    ['http://h', '/'],
    ['http://h?a', '?a'],
    ['*', '*'],
    ['//h/a', '//h/a'],
  ])('%s is %s in origin form', (target, expected) => {
    expect(originForm(target)).toBe(expected)
  })
})
