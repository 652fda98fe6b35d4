import type { AccessTokenRecord } from '@latchkey/core'
import { tokenIdOf } from '@latchkey/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTokenDescriptions, type TokenDescriptions } from '../src/token-descriptions.ts'
import { tokenRecord } from './token-records.ts'

const NOW = 1_700_000_000

const recordIn = (descriptions: TokenDescriptions, number: number, { id, issuedAt, expiresAt }: AccessTokenRecord) =>
  descriptions.record(number, id, issuedAt, expiresAt)

const saying = (members: Partial<AccessTokenRecord>): AccessTokenRecord => ({ ...tokenRecord('a', NOW), ...members })

describe('descriptions of tokens', () => {
  it('are one for records that say the same, and nothing of the caller', () => {
    const descriptions = createTokenDescriptions()
    const claims = () => ({ tenant: 'a', deep: [{ deeper: 0 }] })
    const record = saying({ claims: claims() })
    const first = descriptions.hold(record)
    expect(descriptions.hold(saying({ id: tokenIdOf('b'), issuedAt: 1, expiresAt: 2, claims: claims() }))).toBe(first)
    const found = recordIn(descriptions, first, record)
    expect(found).toEqual(record)
    expect(found.scopes).not.toBe(record.scopes)
    expect(found.claims).not.toBe(record.claims)
    expect(descriptions.size).toBe(1)
  })

  it('hand out records whose members stand in their order, and those that are absent not at all', () => {
    const descriptions = createTokenDescriptions()
    const record = saying({ confirmation: { jkt: 'a' }, claims: {} })
    const whole = Object.keys(recordIn(descriptions, descriptions.hold(record), record))
    const order = 'id clientId credentialId subject scopes audience issuedAt expiresAt confirmation claims'.split(' ')
    expect(whole).toEqual(order)
    const { credentialId: _, ...without } = tokenRecord('a', NOW)
    const optional = ['credentialId', 'confirmation', 'claims']
    expect(Object.keys(recordIn(descriptions, descriptions.hold(without), without))).toEqual(
      order.filter((member) => !optional.includes(member)),
    )
  })

  it('tell apart whatever two records say, and keep each as it was', () => {
    const text = fc.constantFrom('', 'a', 'b', 'a b', '__proto__', '\0', '\ud800', '\udc00', '\ufffd')
    const list = fc.array(text, { maxLength: 3 })
    const value = fc.constantFrom(null, 0, -0, '0', false, '', [], {}, [0], [-0], { ['__proto__']: null }, { a: [] })
    const claims = fc.dictionary(text, value, { maxKeys: 2, noNullPrototype: true })
    const plain = { noNullPrototype: true }
    const texts = fc.record({ clientId: fc.constantFrom('a', 'b'), subject: text, scopes: list, audience: list }, plain)
    const more = { credentialId: text, confirmation: fc.record({ jkt: text }, plain), claims }
    const record = fc
      .tuple(texts, fc.record(more, { ...plain, requiredKeys: [] }))
      .map(([one, other]) => ({ ...tokenRecord('a', NOW), ...one, ...other }))
      // Absent in some: the records that tokens are made of here have one.
      .map(({ credentialId, ...rest }) => (credentialId === 'b' ? rest : { ...rest, credentialId }))
    const records = fc.array(record as fc.Arbitrary<AccessTokenRecord>, { maxLength: 40, size: 'max' })
    fc.assert(
      fc.property(records, (all) => {
        const descriptions = createTokenDescriptions()
        const numbers = all.map(descriptions.hold)
        for (const [index, number] of numbers.entries())
          expect(recordIn(descriptions, number, all[index] as AccessTokenRecord)).toStrictEqual(all[index])
        for (const number of numbers) descriptions.letGo(number)
        expect(descriptions.size).toBe(0)
      }),
    )
  })

  it('are one for as many kinds of tokens as a client is likely to have, and never more than are compared', () => {
    const descriptions = createTokenDescriptions()
    const numbersOf = (make: (index: number) => Partial<AccessTokenRecord>, count: number): readonly number[] =>
      Array.from({ length: count }, (_, index) => descriptions.hold(saying(make(index))))
    const audience = (index: number) => ({ audience: [`https://${index}.example.com`] })
    expect(numbersOf(audience, 64)).toEqual(numbersOf(audience, 64))
    const claims = (tenant: number) => ({ claims: { tenant } })
    expect(numbersOf(claims, 8)).toEqual(numbersOf(claims, 8))
    expect(descriptions.size).toBe(72)
    // One more of each than are compared: the earliest is not known any more, and its records are there all the same.
    for (const [make, most] of [
      [audience, 64],
      [claims, 8],
    ] as const) {
      descriptions.hold(saying(make(most)))
      const [before, again] = [descriptions.size, descriptions.hold(saying(make(0)))]
      expect(descriptions.size).toBe(before + 1)
      expect(recordIn(descriptions, again, tokenRecord('a', NOW))).toEqual(saying(make(0)))
    }
  })

  it('leave nothing of a client behind', () => {
    const descriptions = createTokenDescriptions()
    const numbers = Array.from({ length: 300 }, (_, index) => {
      const claims = index % 3 === 0 ? { claims: { index } } : {}
      return descriptions.hold(saying({ clientId: `client ${index % 7}`, audience: [`${index % 90}`], ...claims }))
    })
    expect(descriptions.clients).toBe(7)
    for (const number of numbers) descriptions.letGo(number)
    expect([descriptions.size, descriptions.clients]).toEqual([0, 0])
  })

  it.each([
    [{ a: [1] }, { a: Object.assign([1], { length: 2 }) }],
    [{ a: 0 }, { a: -0 }],
    [{ a: undefined }, { b: undefined }],
    [{ a: undefined }, {}],
    [{ a: [] }, { a: {} }],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: null }, { a: {} }],
    [JSON.parse('{"__proto__":{}}'), {}],
    [JSON.parse('{"__proto__":{}}'), { a: {} }],
    [undefined, {}],
  ])('tell the claims %j from %j, whichever comes first', (one, other) => {
    for (const both of [
      [one, other],
      [other, one],
    ]) {
      const descriptions = createTokenDescriptions()
      for (const claims of both) {
        const record = saying(claims === undefined ? {} : { claims })
        expect(recordIn(descriptions, descriptions.hold(record), record)).toStrictEqual(record)
      }
      expect(descriptions.size).toBe(2)
    }
  })

  it('are forgotten with the last token that has them, and not before', () => {
    const descriptions = createTokenDescriptions()
    const [one, other] = [saying({ subject: 'one' }), saying({ subject: 'other' })]
    const number = descriptions.hold(one)
    for (let token = 0; token < 2; token++) expect(descriptions.hold(one)).toBe(number)
    descriptions.letGo(number)
    descriptions.letGo(number)
    expect(descriptions.hold(one)).toBe(number)
    descriptions.letGo(number)
    expect(recordIn(descriptions, number, one)).toEqual(one)
    descriptions.letGo(number)
    expect(descriptions.size).toBe(0)
    // The number is another's now.
    expect(descriptions.hold(other)).toBe(number)
    expect(recordIn(descriptions, number, other)).toEqual(other)
    expect(descriptions.hold(one)).not.toBe(number)
  })

  it('stay right when a client has more than are compared, and share what they have in common', () => {
    const descriptions = createTokenDescriptions()
    const records = Array.from({ length: 200 }, (_, number) => saying({ claims: { number } }))
    for (const _ of ['first', 'again']) {
      const numbers = records.map(descriptions.hold)
      const found = numbers.map((number, index) => recordIn(descriptions, number, records[index] as AccessTokenRecord))
      expect(found).toEqual(records)
      expect(new Set(found.map(({ scopes }) => scopes)).size).toBe(1)
      for (const number of numbers) descriptions.letGo(number)
    }
    expect(descriptions.size).toBe(0)
  })

  it('are whole after a record that cannot be copied', () => {
    const descriptions = createTokenDescriptions()
    const ring: Record<string, unknown> = {}
    ring['ring'] = ring
    expect(() => descriptions.hold(saying({ claims: ring } as unknown as AccessTokenRecord))).toThrow(RangeError)
    expect(descriptions.size).toBe(0)
    const record = tokenRecord('a', NOW)
    expect(recordIn(descriptions, descriptions.hold(record), record)).toEqual(record)
  })
})
