import type { RefusedDocument } from '@latchkey/core'
import { describe, expect, it } from 'vitest'
import type { FetchedDocument } from '../../src/remote/fetch-document.ts'
import { createHostTurns } from '../../src/remote/host-turns.ts'
import { createKeptDocuments } from '../../src/remote/kept-documents.ts'

const ADDRESS = 'https://keys.example/jwks'

/** Documents whose host does as a test says, one answer after another; the last one is repeated. */
function documentsOf(...answers: (FetchedDocument | RefusedDocument | Error)[]) {
  const asked: string[] = []
  const clock = { time: 1000, now: () => clock.time }
  const documents = createKeptDocuments({
    async fetch(address) {
      asked.push(address)
      const answer = answers.length > 1 ? answers.shift() : answers[0]
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error('no answer')
      return answer
    },
    turns: createHostTurns({ most: 4, longestWaitMs: 1000 }),
    clock,
    capacity: 3,
  })
  return { documents, clock, asked }
}

const NONE: RefusedDocument = { reason: 'its host answered 404' }

const document = (text: string, lifetimeSeconds = 300): FetchedDocument => ({ text, lifetimeSeconds })

describe('a remembered document', () => {
  it('is not fetched again until its time is over, and is the very same object', async () => {
    const { documents, clock, asked } = documentsOf(document('one'), document('two'))
    const first = await documents.find(ADDRESS)
    clock.time += 299
    expect(await documents.find(ADDRESS)).toBe(first)
    expect(asked).toHaveLength(1)
    clock.time += 1
    expect(await documents.find(ADDRESS)).toEqual({ text: 'two' })
    expect(asked).toHaveLength(2)
  })

  it('is fetched once for all who ask at a time', async () => {
    const { documents, asked } = documentsOf(document('one'))
    const found = await Promise.all(
      Array.from({ length: 50 }, (_, index) => (index % 2 ? documents.find(ADDRESS) : documents.refetch(ADDRESS))),
    )
    expect(new Set(found).size).toBe(1)
    expect(asked).toHaveLength(1)
  })

  it('is fetched anew for whoever misses something in it', async () => {
    const { documents, asked } = documentsOf(document('one'), document('two'))
    await documents.find(ADDRESS)
    expect(await documents.refetch(ADDRESS)).toEqual({ text: 'two' })
    expect(await documents.find(ADDRESS)).toEqual({ text: 'two' })
    expect(asked).toHaveLength(2)
  })

  it('is used for six hours after it was fetched while its host is down, and no longer', async () => {
    const { documents, clock } = documentsOf(document('one'), new Error('its host is down'))
    await documents.find(ADDRESS)
    clock.time += 6 * 3600 - 1
    expect(await documents.find(ADDRESS)).toEqual({ text: 'one' })
    clock.time += 1
    await expect(documents.find(ADDRESS)).rejects.toThrow('its host is down')
  })

  it('is not used once its host gives another answer', async () => {
    const { documents, clock } = documentsOf(document('one'), NONE)
    await documents.find(ADDRESS)
    clock.time += 300
    expect(await documents.find(ADDRESS)).toEqual(NONE)
  })

  it('gives way to those that were fetched later when there is no place', async () => {
    const { documents, asked } = documentsOf(document('one'))
    for (const name of ['a', 'b', 'c', 'd']) await documents.find(`https://keys.example/${name}`)
    await documents.find('https://keys.example/d')
    await documents.find('https://keys.example/a')
    expect(asked.map((address) => address.at(-1)).join('')).toBe('abcda')
  })

  it('cannot be changed by whoever was given it', async () => {
    const { documents } = documentsOf(document('one'))
    const found = (await documents.find(ADDRESS)) as { text: string }
    expect(() => {
      found.text = 'two'
    }).toThrow(TypeError)
  })
})

describe('a document that its host refuses', () => {
  it('is not asked for again for a minute', async () => {
    const { documents, clock, asked } = documentsOf(NONE, document('one'))
    await documents.find(ADDRESS)
    clock.time += 59
    expect(await documents.find(ADDRESS)).toEqual(NONE)
    expect(asked).toHaveLength(1)
    clock.time += 1
    expect(await documents.find(ADDRESS)).toEqual({ text: 'one' })
  })
})

describe('a host that is down', () => {
  it('is left alone for ten seconds, and the failure is told at once', async () => {
    const { documents, clock, asked } = documentsOf(new Error('its host is down'), document('one'))
    await expect(documents.find(ADDRESS)).rejects.toThrow('its host is down')
    clock.time += 9
    await expect(documents.find(ADDRESS)).rejects.toThrow('its host is down')
    await expect(documents.refetch(ADDRESS)).rejects.toThrow('its host is down')
    expect(asked).toHaveLength(1)
    clock.time += 1
    expect(await documents.find(ADDRESS)).toEqual({ text: 'one' })
  })

  it('is forgiven: what it gives then is fresh', async () => {
    const { documents, clock } = documentsOf(document('one'), new Error('down'), document('two'))
    await documents.find(ADDRESS)
    clock.time += 400
    expect(await documents.find(ADDRESS)).toEqual({ text: 'one' })
    clock.time += 10
    expect(await documents.find(ADDRESS)).toEqual({ text: 'two' })
  })
})

describe('an address that must not be asked', () => {
  it('is refused before anything is fetched', async () => {
    const { documents, asked } = documentsOf(document('one'))
    await expect(documents.find('http://keys.example/jwks')).rejects.toThrow('not of https')
    expect(asked).toEqual([])
  })
})
