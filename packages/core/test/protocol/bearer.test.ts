import { describe, expect, it } from 'vitest'
import { bearerChallenge, isBearer, quoted, readBearer } from '../../src/protocol/bearer.ts'

describe('readBearer', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER   a-._~+/9==', 'a-._~+/9=='],
  ])('reads %j', (authorization, token) => {
    expect([isBearer(authorization), readBearer(authorization)]).toEqual([true, token])
  })

  it.each(['Bearer', 'Bearer ', 'Bearer a b', 'Bearer a,b', 'Bearer =', 'Bearer a=b', 'Bearer ä', 'Bearer a\n'])(
    'knows that %j is meant as one and is malformed',
    (authorization) => {
      expect([isBearer(authorization), readBearer(authorization)]).toEqual([true, undefined])
    },
  )

  it.each(['', 'Basic abc', 'Bearerabc', ' Bearer abc', 'Bearer\tabc', 'DPoP abc'])(
    'knows that %j is not meant as one',
    (authorization) => {
      expect([isBearer(authorization), readBearer(authorization)]).toEqual([false, undefined])
    },
  )
})

describe('bearerChallenge', () => {
  it('quotes every parameter and leaves out what is undefined', () => {
    expect(bearerChallenge({ error: 'insufficient_scope', scope: 'a b', realm: undefined })).toBe(
      'Bearer error="insufficient_scope", scope="a b"',
    )
  })

  it('escapes what would end a quoted string', () => {
    expect(quoted('a"b\\c')).toBe('"a\\"b\\\\c"')
  })
})
