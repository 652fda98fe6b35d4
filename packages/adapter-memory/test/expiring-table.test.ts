import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DIGEST_WORDS } from '../src/digest-words.ts'
import { createExpiringTable, type ExpiringTable } from '../src/expiring-table.ts'
import { NONE } from '../src/slots.ts'

const NOW = 1_700_000_000

/** The key of a number. Its low bits choose the bucket; keys with the same first word stay together for ever. */
function keyOf(first: number, rest: number): Uint32Array {
  const key = new Uint32Array(DIGEST_WORDS)
  key[0] = first
  key[DIGEST_WORDS - 1] = rest
  return key
}

interface Entry {
  readonly value: number
  readonly issuedAt: number
  readonly expiresAt: number
}

const entryIn = (table: ExpiringTable, key: Uint32Array): Entry | undefined => {
  const slot = table.find(key)
  if (slot === NONE) return undefined
  return { value: table.valueOf(slot), issuedAt: table.issuedAtOf(slot), expiresAt: table.expiresAtOf(slot) }
}

/** A table beside a plain map that must always hold the same. */
function tableAndModel(capacity: number) {
  let now = NOW
  const gone: number[] = []
  const table = createExpiringTable({
    what: 'entries',
    capacity,
    clock: { now: () => now },
    letGo: (value) => gone.push(value),
  })
  const model = new Map<string, Entry>()
  const forgottenAt = (time: number): number[] => {
    const expired = [...model].filter(([, { expiresAt }]) => expiresAt < time)
    for (const [name] of expired) model.delete(name)
    return expired.map(([, { value }]) => value)
  }
  const sorted = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b)

  return {
    passTo(time: number): void {
      now = time
    },
    put(key: Uint32Array, entry: Entry): void {
      const name = key.join()
      const slot = table.find(key)
      const known = model.get(name)
      expect(slot !== NONE).toBe(known !== undefined)
      if (known !== undefined) {
        const expiresAt = Math.max(known.expiresAt, entry.expiresAt)
        table.replace(slot, entry.value, expiresAt)
        model.set(name, { ...known, value: entry.value, expiresAt })
        expect(gone.splice(0)).toEqual([known.value])
        return
      }
      const full = model.size >= capacity && [...model.values()].every(({ expiresAt }) => expiresAt >= now)
      if (full) {
        expect(() => table.makeRoom()).toThrow(`holds ${capacity} entries`)
        return
      }
      table.makeRoom()
      // It may forget what has expired, as much as it likes, and nothing else.
      const forgotten = new Set(gone.splice(0))
      if (forgotten.size > 0)
        for (const [other, { value, expiresAt }] of model)
          if (expiresAt < now && forgotten.delete(value)) model.delete(other)
      expect([...forgotten]).toEqual([])
      expect(model.size).toBeLessThan(capacity)
      table.add(key, entry.value, entry.issuedAt, entry.expiresAt)
      model.set(name, entry)
    },
    async sweep(): Promise<void> {
      const forgotten = forgottenAt(now)
      expect(await table.sweep(now)).toBe(forgotten.length)
      expect(sorted(gone.splice(0))).toEqual(sorted(forgotten))
    },
    compare(keys: readonly Uint32Array[]): void {
      expect(table.size).toBe(model.size)
      for (const key of keys) expect(entryIn(table, key)).toEqual(model.get(key.join()))
    },
  }
}

describe('a table of what expires', () => {
  it('holds what a map would hold, whatever is put in and forgotten, and whenever it is full', async () => {
    const seconds = fc.integer({ min: 0, max: 20 })
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.record({ put: fc.nat(59), issuedAt: seconds, lifetime: seconds }) },
      { weight: 1, arbitrary: fc.record({ later: fc.nat(4) }) },
      { weight: 1, arbitrary: fc.constant('sweep' as const) },
    )
    // A few first words for many keys: some share a bucket for good, others until it is parted.
    const keys = Array.from({ length: 60 }, (_, number) => keyOf(Math.imul(number % 20, 0x40000003), number))
    const steps = fc.array(step, { maxLength: 150, size: 'max' })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), steps, async (capacity, taken) => {
        const both = tableAndModel(capacity)
        let [now, value] = [NOW, 0]
        for (const next of taken) {
          if (next === 'sweep') await both.sweep()
          else if ('later' in next) {
            now += next.later
            both.passTo(now)
          } else {
            const { put, issuedAt, lifetime } = next
            // Each value once, so that one that is let go of tells which entry is gone.
            value++
            both.put(keys[put] as Uint32Array, { value, issuedAt: NOW + issuedAt, expiresAt: now - 5 + lifetime })
          }
          if (next === 'sweep') both.compare(keys)
        }
        both.compare(keys)
      }),
      { numRuns: 200 },
    )
  })

  it('finds all of thousands, those too whose first words are the same, before and after most are forgotten', async () => {
    const both = tableAndModel(20_000)
    const keys = Array.from({ length: 20_000 }, (_, number) =>
      number % 40 === 0 ? keyOf(0x80000000, number) : keyOf(Math.imul(number, 0x9e3779b1), number),
    )
    for (const [number, key] of keys.entries())
      both.put(key, { value: number, issuedAt: number, expiresAt: NOW + (number % 1000) })
    both.compare(keys)
    both.passTo(NOW + 990)
    await both.sweep()
    both.compare(keys)
    // The slots that have become free are used again.
    for (const [number, key] of keys.entries())
      both.put(key, { value: 20_000 + number, issuedAt: number, expiresAt: NOW + 2000 })
    both.compare(keys)
  })

  it('uses the slots again that have become free, and opens no more', async () => {
    let now = NOW
    const table = createExpiringTable({ what: 'entries', capacity: 9, clock: { now: () => now }, letGo: () => {} })
    for (let entry = 0; entry < 100; entry++) {
      const key = keyOf(entry, entry)
      table.makeRoom()
      table.add(key, 0, now, now)
      expect(table.find(key)).toBeLessThanOrEqual(9)
      now++
      // By a sweep now and then, and else by whoever needs the room.
      if (entry % 30 === 0) await table.sweep(now)
    }
  })

  it('keeps numbers to the last bit: values of 32, and times of 53', () => {
    const { put, compare } = tableAndModel(2)
    const key = keyOf(0xffffffff, 0xffffffff)
    put(key, { value: 0xffffffff, issuedAt: Number.MAX_SAFE_INTEGER - 1, expiresAt: Number.MAX_SAFE_INTEGER })
    put(keyOf(0, 0), { value: 0, issuedAt: -1, expiresAt: NOW })
    compare([key, keyOf(0, 0), keyOf(0xffffffff, 0)])
  })
})
