import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DomainEvent } from '../src/domain/event.ts'
import { createEventDispatcher, type EventListener } from '../src/event-dispatcher.ts'
import { nextTurn } from './test-server.ts'

const event = (requestId: string): DomainEvent => ({
  type: 'client_authentication_failed',
  at: 0,
  requestId,
  reason: 'no such client',
})

/** What some libraries return in the place of a promise. */
const thenable = (then: (resolve: unknown, reject: (error: Error) => void) => void): object =>
  Object.defineProperty({}, 'then', { value: then })

describe('the dispatcher', () => {
  it('tells of events in order, in a later turn of the event loop', async () => {
    const told: string[] = []
    const { emit } = createEventDispatcher(({ requestId }) => told.push(requestId))
    emit(event('1'))
    emit(event('2'))
    await Promise.resolve()
    expect(told).toEqual([])
    await nextTurn()
    expect(told).toEqual(['1', '2'])
  })

  it('tells at once when it is flushed, and nothing twice', async () => {
    const told: string[] = []
    const { emit, flush } = createEventDispatcher(({ requestId }) => told.push(requestId))
    emit(event('1'))
    flush()
    expect(told).toEqual(['1'])
    emit(event('2'))
    await nextTurn()
    expect(told).toEqual(['1', '2'])
  })

  it('tells of what a listener causes in a turn of its own', async () => {
    const told: string[] = []
    const { emit } = createEventDispatcher(({ requestId }) => {
      told.push(requestId)
      if (told.length < 3) emit(event(`after ${requestId}`))
    })
    emit(event('1'))
    await nextTurn()
    expect(told).toEqual(['1'])
    await nextTurn()
    await nextTurn()
    expect(told).toEqual(['1', 'after 1', 'after after 1'])
  })
})

describe('a listener', () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown) => unhandled.push(reason)
  beforeEach(() => {
    unhandled.length = 0
    process.on('unhandledRejection', note)
  })
  afterEach(() => {
    process.off('unhandledRejection', note)
  })

  const failures: readonly [string, EventListener][] = [
    [
      'throws',
      () => {
        throw new Error('mine')
      },
    ],
    [
      'throws what is no error',
      () => {
        throw undefined as unknown as Error
      },
    ],
    ['rejects', () => Promise.reject(new Error('mine'))],
    [
      'rejects later',
      async () => {
        await nextTurn()
        throw new Error('mine')
      },
    ],
    ['rejects with a promise of another realm', () => runInNewContext('Promise.reject(new Error("mine"))') as unknown],
    ['returns a thenable that rejects', () => thenable((_, reject) => reject(new Error('mine')))],
    [
      'returns a thenable that throws',
      () =>
        thenable(() => {
          throw new Error('mine')
        }),
    ],
    [
      'returns what throws when it is looked at',
      () =>
        Object.defineProperty({}, 'then', {
          get: () => {
            throw new Error('mine')
          },
        }) as unknown,
    ],
    ['never settles', () => new Promise(() => {})],
  ]
  it.each(failures)('that %s stops neither the next event nor the program', async (_, fail) => {
    const told: string[] = []
    const { emit } = createEventDispatcher((given) => {
      told.push(given.requestId)
      return fail(given)
    })
    emit(event('1'))
    emit(event('2'))
    for (let turn = 0; turn < 4; turn += 1) await nextTurn()
    expect([told, unhandled]).toEqual([['1', '2'], []])
  })
})
