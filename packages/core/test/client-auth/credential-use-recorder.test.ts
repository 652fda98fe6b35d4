import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createCredentialUseRecorder, noCredentialUses } from '../../src/client-auth/credential-use-recorder.ts'
import type { CredentialUse } from '../../src/domain/credential-use.ts'
import type { DomainEvent } from '../../src/domain/event.ts'

const NOW = 1_800_000_000
const use = (clientId: string, credentialId: string, usedAt: number) => ({ clientId, credentialId, usedAt })

function createRecorder(record: (uses: readonly CredentialUse[]) => Promise<void> = async () => {}) {
  const batches: (readonly CredentialUse[])[] = []
  const events: DomainEvent[] = []
  const recorder = createCredentialUseRecorder({
    emit: (event) => events.push(event),
    uses: {
      of: async () => [],
      record(uses) {
        batches.push(uses)
        return record(uses)
      },
    },
  })
  return { ...recorder, batches, events }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the recorder of uses', () => {
  it('writes the uses of ten seconds in one batch', async () => {
    const { note, batches } = createRecorder()
    note('a', '1', NOW)
    await vi.advanceTimersByTimeAsync(9_999)
    note('b', '1', NOW + 9)
    expect(batches).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(batches).toEqual([[use('a', '1', NOW), use('b', '1', NOW + 9)]])
  })

  it('notes a credential once a minute', async () => {
    const { note, flush, batches } = createRecorder()
    for (const second of [0, 1, 59, 60, 61, 119, 120]) note('a', '1', NOW + second)
    note('a', '2', NOW + 1)
    await flush()
    expect(batches).toEqual([
      [use('a', '1', NOW), use('a', '1', NOW + 60), use('a', '1', NOW + 120), use('a', '2', NOW + 1)],
    ])
  })

  it('notes a use in the first minute of its clock', async () => {
    const { note, flush, batches } = createRecorder()
    note('a', '1', 0)
    await flush()
    expect(batches).toEqual([[use('a', '1', 0)]])
  })

  it('keeps credentials apart whose names run together', async () => {
    const { note, flush, batches } = createRecorder()
    note('a', 'bc', NOW)
    note('ab', 'c', NOW)
    await flush()
    expect(batches[0]).toHaveLength(2)
  })

  it('writes at once when it is flushed, and nothing twice', async () => {
    const { note, flush, batches } = createRecorder()
    note('a', '1', NOW)
    await flush()
    await flush()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(batches).toEqual([[use('a', '1', NOW)]])
  })

  it('keeps no program alive', () => {
    const { note } = createRecorder()
    vi.useRealTimers()
    const spy = vi.spyOn(globalThis, 'setTimeout')
    note('a', '1', NOW)
    const [timer] = spy.mock.results.map(({ value }) => value as NodeJS.Timeout)
    spy.mockRestore()
    expect(timer?.hasRef()).toBe(false)
    clearTimeout(timer)
  })

  it('waits for the batch under way when it is flushed, so that its backend may be closed then', async () => {
    let written = () => {}
    const { note, flush, batches } = createRecorder(() => new Promise((resolve) => (written = resolve)))
    note('a', '1', NOW)
    await vi.advanceTimersByTimeAsync(10_000)
    const order: string[] = []
    const closing = flush().then(() => order.push('closed'))
    await vi.advanceTimersByTimeAsync(1000)
    order.push('written')
    written()
    await closing
    expect([order, batches.length]).toEqual([['written', 'closed'], 1])
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('the backend is away')), 'the backend is away'],
    ['rejects with no error', () => Promise.reject('away' as unknown as Error), 'the backend failed'],
    [
      'throws',
      () => {
        throw new Error('the backend is away')
      },
      'the backend is away',
    ],
  ])('tells in an event how much was lost when the backend %s, and goes on', async (_, record, reason) => {
    const { note, flush, events, batches } = createRecorder(record)
    note('a', '1', NOW)
    note('b', '1', NOW + 1)
    await expect(flush()).resolves.toBeUndefined()
    expect(events).toEqual([{ type: 'credential_uses_lost', at: NOW + 1, requestId: 'none', count: 2, reason }])
    note('c', '1', NOW + 2)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(batches).toHaveLength(2)
  })

  it('starts its memory afresh beyond a hundred thousand credentials, and loses no use of any', async () => {
    const { note, flush, batches } = createRecorder()
    for (let n = 0; n <= 100_000; n += 1) note('a', `${n}`, NOW)
    note('a', '0', NOW + 1)
    await flush()
    expect(batches.flat()).toHaveLength(100_002)
  })

  it('writes a thousand at a time, each when those before are written', async () => {
    let underWay = 0
    let most = 0
    const { note, flush, batches } = createRecorder(async () => {
      underWay += 1
      most = Math.max(most, underWay)
      await Promise.resolve()
      underWay -= 1
    })
    for (let n = 0; n < 2500; n += 1) note(`client ${n}`, '1', NOW)
    await flush()
    expect(batches.map(({ length }) => length)).toEqual([1000, 1000, 500])
    expect(new Set(batches.flat().map(({ clientId }) => clientId)).size).toBe(2500)
    expect(most).toBe(1)
  })

  it('gives up what is left of a batch once a part of it is lost, and tells how much that is', async () => {
    let part = 0
    const { note, flush, events, batches } = createRecorder(async () => {
      part += 1
      if (part === 2) throw new Error('away')
    })
    for (let n = 0; n < 3500; n += 1) note(`client ${n}`, '1', NOW)
    await flush()
    expect(batches).toHaveLength(2)
    expect(events).toEqual([{ type: 'credential_uses_lost', at: NOW, requestId: 'none', count: 2500, reason: 'away' }])
  })
})

it('does nothing where nobody asked for it', async () => {
  noCredentialUses.note('a', '1', NOW)
  await expect(noCredentialUses.flush()).resolves.toBeUndefined()
})
