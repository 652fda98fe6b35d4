import { describe, expect, it } from 'vitest'
import { documentLifetime } from '../../src/remote/document-lifetime.ts'

describe('the lifetime of a document', () => {
  it.each([
    ['what its host says', 'public, max-age=600', undefined, 600],
    ['a minute at least', 'max-age=5', undefined, 60],
    ['an hour at most', 'max-age=86400', undefined, 3600],
    ['a minute where it is not to be stored', 'no-store, max-age=600', undefined, 60],
    ['a minute where it is to be asked for again', 'no-cache', undefined, 60],
    ['five minutes where nothing is said', undefined, undefined, 300],
    ['five minutes where what is said is no number', 'max-age=soon', undefined, 300],
    ['what a cache on the way has left of it', 'max-age=600', '400', 200],
    ['a minute where a cache on the way has left nothing', 'max-age=600', '9999', 60],
    ['the same in quotes and capitals', 'Max-Age="700"', undefined, 700],
    ['not what is said to shared caches alone', 's-maxage=900', undefined, 300],
  ])('is %s', (_title, cacheControl, age, seconds) => {
    expect(documentLifetime({ cacheControl, age })).toBe(seconds)
  })
})
