import type { Adapter } from '@latchkey/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createLog } from '../src/log/log.ts'
import { createReadiness } from '../src/readiness.ts'

afterEach(() => {
  vi.useRealTimers()
})

function setUp(check: () => Promise<void>) {
  const written: string[] = []
  let time = 0
  const calls = vi.fn<() => Promise<void>>(check)
  const adapter: Adapter = { check: calls, close: () => Promise.resolve() }
  const log = createLog('info', { write: (line) => written.push(line) })
  const readiness = createReadiness({ adapters: [adapter], log, now: () => time })
  const later = (): void => {
    time += 1000
  }
  return { readiness, calls, written, later }
}

describe('readiness', () => {
  it('is what the backends say', async () => {
    let isAway = false
    const { readiness, later, written } = setUp(async () => {
      if (isAway) throw new Error('the backend is away')
    })
    expect(await readiness.isReady()).toBe(true)
    isAway = true
    later()
    expect(await readiness.isReady()).toBe(false)
    isAway = false
    later()
    expect(await readiness.isReady()).toBe(true)
    expect(written.map((line) => JSON.parse(line) as object)).toMatchObject([
      { level: 'error', event: 'not_ready', reason: 'the backend is away' },
      { level: 'info', event: 'ready_again' },
    ])
  })

  it('takes a check that throws at once for one that fails', async () => {
    const { readiness, written } = setUp(() => {
      throw new Error('no such table')
    })
    expect(await readiness.isReady()).toBe(false)
    expect(written.join('')).toContain('no such table')
  })

  it('asks the backends once in a second, however often it is asked', async () => {
    const { readiness, calls, later } = setUp(() => Promise.resolve())
    await Promise.all(Array.from({ length: 50 }, () => readiness.isReady()))
    expect(calls).toHaveBeenCalledTimes(1)
    later()
    await Promise.all(Array.from({ length: 50 }, () => readiness.isReady()))
    expect(calls).toHaveBeenCalledTimes(2)
  })

  it('tells the same trouble once', async () => {
    const { readiness, written, later } = setUp(() => Promise.reject(new Error('away')))
    for (let turn = 0; turn < 5; turn += 1) {
      await readiness.isReady()
      later()
    }
    expect(written).toHaveLength(1)
  })

  it('waits a second for a backend and no longer', async () => {
    vi.useFakeTimers()
    const { readiness, written } = setUp(() => new Promise(() => undefined))
    const ready = readiness.isReady()
    await vi.advanceTimersByTimeAsync(1000)
    expect(await ready).toBe(false)
    expect(written.join('')).toContain('no answer within 1000 ms')
  })

  it('ends for good', async () => {
    const { readiness, calls } = setUp(() => Promise.resolve())
    readiness.end()
    expect(await readiness.isReady()).toBe(false)
    expect(calls).not.toHaveBeenCalled()
  })
})
