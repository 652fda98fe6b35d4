import { performance } from 'node:perf_hooks'
import { createMemoryTokenStore } from '@latchkey/adapter-memory'
import { describe, expect, it } from 'vitest'
import { DIGEST_WORDS } from '../src/digest-words.ts'
import { createExpiringTable } from '../src/expiring-table.ts'
import { memoryInUse } from './memory-in-use.ts'
import { tokenRecord } from './token-records.ts'

const NOW = 1_700_000_000
const MILLION = 1_000_000
const LIFETIME = 3600

/** So many records may be touched before others take their turn. */
const FEW = 512

/** For a machine that does something else at the same time. */
const PATIENCE = { timeout: 120_000 }

function fullOfExpired(count: number) {
  const entries = createExpiringTable({
    what: 'numbers',
    capacity: count,
    clock: { now: () => NOW },
    letGo: () => {},
  })
  const key = new Uint32Array(DIGEST_WORDS)
  for (let entry = 0; entry < count; entry++) {
    // An odd factor: each is another one, and they are spread over all of the buckets.
    key[0] = Math.imul(entry, 0x9e3779b1)
    const expiresAt = NOW - 1 - (entry % LIFETIME)
    entries.makeRoom()
    entries.add(key, entry, expiresAt - LIFETIME, expiresAt)
  }
  return entries
}

describe('a million records in memory', () => {
  it('are swept in steps of a few hundred, with everything else taking its turn in between', PATIENCE, async () => {
    const entries = fullOfExpired(MILLION)
    const steps: { readonly forgotten: number; readonly milliseconds: number }[] = []
    let [size, time, sweeping] = [entries.size, performance.now(), true]
    const takeTurns = (): void => {
      steps.push({ forgotten: size - entries.size, milliseconds: performance.now() - time })
      size = entries.size
      time = performance.now()
      if (sweeping) setImmediate(takeTurns)
    }
    setImmediate(takeTurns)
    const start = performance.now()
    expect(await entries.sweep(NOW)).toBe(MILLION)
    const duration = performance.now() - start
    sweeping = false

    expect(entries.size).toBe(0)
    expect(Math.max(...steps.map(({ forgotten }) => forgotten))).toBeLessThanOrEqual(FEW)
    expect(steps.length).toBeGreaterThan(MILLION / FEW)
    // A share, since a busy machine stretches both: a sweep in one piece would be all of it.
    expect(Math.max(...steps.map(({ milliseconds }) => milliseconds))).toBeLessThan(duration / 2)
  })

  it('take at most 100 bytes for each token, everything included', PATIENCE, async () => {
    // A quarter of a million tells as much, in a quarter of the time.
    const count = MILLION / 4
    const before = memoryInUse()
    const tokens = createMemoryTokenStore({ capacity: count })
    for (let token = 0; token < count; token++)
      await tokens.save(tokenRecord(`token ${token}`, NOW + Math.floor((token * LIFETIME) / count)))
    const bytes = (memoryInUse() - before) / count
    expect(bytes).toBeLessThan(100)
    // What it takes at least: were it less, something would not be counted.
    expect(bytes).toBeGreaterThan(60)
    // Kept until here, so that it was not garbage when the memory was measured.
    expect(await tokens.sweep(NOW + LIFETIME + 1)).toBe(count)
  })
})
