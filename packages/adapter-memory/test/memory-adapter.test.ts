import { createMemoryAdapter } from '@latchkey/adapter-memory'
import { tokenIdOf } from '@latchkey/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { tokenRecord } from './token-records.ts'

const NOW = 1_700_000_000

describe('the adapter in memory', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('sweeps itself every second, tokens and claims, by the clock that it was given', async () => {
    let now = NOW
    const adapter = createMemoryAdapter({ clock: { now: () => now } })
    await adapter.tokens.save(tokenRecord('token', NOW))
    await adapter.replays.claim('key', NOW)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await adapter.tokens.find(tokenIdOf('token'))).toBeDefined()
    now = NOW + 1
    await vi.advanceTimersByTimeAsync(1000)
    expect(await adapter.tokens.find(tokenIdOf('token'))).toBeUndefined()
    expect(await adapter.replays.claim('key', NOW + 100)).toBe(true)
    await adapter.close()
  })

  it('has no timer left once it is closed', async () => {
    const adapter = createMemoryAdapter()
    expect(vi.getTimerCount()).toBe(1)
    await adapter.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('has ended a sweep that was under way once it is closed', async () => {
    const adapter = createMemoryAdapter({ clock: { now: () => NOW } })
    for (let token = 0; token < 2000; token++) await adapter.tokens.save(tokenRecord(`token ${token}`, NOW - 1))
    vi.advanceTimersByTime(1000)
    await adapter.close()
    expect(await adapter.sweeper.sweep(NOW)).toBe(0)
  })

  it('refuses a bound that is no whole number above 0, by its name', () => {
    expect(() => createMemoryAdapter({ tokens: 0 })).toThrow(new TypeError('tokens must be a whole number above 0'))
  })
})

describe('a process that has the adapter in memory', () => {
  it('may end while the adapter is open: its timer keeps nothing alive', async () => {
    const timeouts = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timeouts()
    const adapter = createMemoryAdapter()
    expect(timeouts()).toBe(before)
    await adapter.close()
  })
})
