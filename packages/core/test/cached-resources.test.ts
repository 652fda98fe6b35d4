import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createCachedResources, defineResource, type Resource, type ResourceRepository } from '../src/index.ts'

const SALES = 'https://sales.example.com'
const STOCK = 'urn:example:stock'

const version = (identifier: string, count: number): Resource =>
  defineResource({ identifier, scopes: ['a'], version: count })

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A backend that says what it is told to, and how often it was asked. */
function setUp(more: { readonly maxAgeSeconds?: number; readonly capacity?: number } = {}) {
  const there = new Map<string, Resource>()
  const find = vi.fn<ResourceRepository['find']>(async (identifier) => there.get(identifier))
  return { there, find, cache: createCachedResources({ resources: { find }, ...more }) }
}

describe('cached resources', () => {
  it('are found without asking again, until their age is over', async () => {
    const { there, find, cache } = setUp()
    there.set(SALES, version(SALES, 1))
    const first = await cache.find(SALES)
    expect(await cache.find(SALES)).toBe(first)
    there.set(SALES, version(SALES, 2))
    await vi.advanceTimersByTimeAsync(999)
    expect(await cache.find(SALES)).toBe(first)
    await vi.advanceTimersByTimeAsync(1)
    expect(await cache.find(SALES)).toEqual(version(SALES, 2))
    expect(find).toHaveBeenCalledTimes(2)
  })

  it('cost one look-up, however many ask at once', async () => {
    const { there, find, cache } = setUp()
    there.set(SALES, version(SALES, 1))
    const found = await Promise.all(Array.from({ length: 50 }, () => cache.find(SALES)))
    expect(new Set(found).size).toBe(1)
    expect(find).toHaveBeenCalledTimes(1)
  })

  it('are no longer than a second known not to be there, however long they are believed', async () => {
    const { there, cache } = setUp({ maxAgeSeconds: 60 })
    expect(await cache.find(SALES)).toBeUndefined()
    there.set(SALES, version(SALES, 1))
    expect(await cache.find(SALES)).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await cache.find(SALES)).toEqual(version(SALES, 1))
  })

  it('are bounded: the one that was found first gives way', async () => {
    const { there, find, cache } = setUp({ capacity: 1 })
    for (const identifier of [SALES, STOCK]) there.set(identifier, version(identifier, 1))
    await cache.find(SALES)
    await cache.find(STOCK)
    await cache.find(STOCK)
    expect(find).toHaveBeenCalledTimes(2)
    await cache.find(SALES)
    expect(find).toHaveBeenCalledTimes(3)
  })

  it('are looked up again once forgotten, also for those who asked before', async () => {
    const { there, find, cache } = setUp()
    let answer: (resource: Resource) => void = () => undefined
    find.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)))
    const before = cache.find(SALES)
    there.set(SALES, version(SALES, 2))
    cache.forget(SALES)
    answer(version(SALES, 1))
    expect(await before).toEqual(version(SALES, 2))
  })

  it('cannot be changed by those who were given them', async () => {
    const { there, cache } = setUp()
    there.set(SALES, { ...version(SALES, 1), claims: { zone: { of: 'eu' } } })
    const found = await cache.find(SALES)
    expect(() => Object.assign(found?.claims?.['zone'] as object, { of: 'us' })).toThrow(TypeError)
    expect(() => Object.assign(found?.scopes ?? {}, { 0: 'b' })).toThrow(TypeError)
  })

  it('fail when the backend does, or its record is broken, and that is not remembered', async () => {
    const { there, find, cache } = setUp()
    find.mockRejectedValueOnce(new Error('it is away'))
    find.mockResolvedValueOnce({ ...version(SALES, 1), scopes: 'a' } as unknown as Resource)
    await expect(cache.find(SALES)).rejects.toThrow('it is away')
    await expect(cache.find(SALES)).rejects.toThrow(TypeError)
    there.set(SALES, version(SALES, 1))
    expect(await cache.find(SALES)).toEqual(version(SALES, 1))
  })

  it.each([{ maxAgeSeconds: 0 }, { maxAgeSeconds: Number.NaN }, { capacity: -1 }])(
    'refuse an option that is no bound: %o',
    (options) => {
      expect(() => setUp(options)).toThrow(`${Object.keys(options)[0]} must be a number above 0`)
    },
  )
})
