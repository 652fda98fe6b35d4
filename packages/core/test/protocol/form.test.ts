import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OAuthError } from '../../src/errors.ts'
import { decodeFormComponent, formOf, parseForm } from '../../src/protocol/form.ts'

const refused = (body: Uint8Array | string) => {
  try {
    parseForm(body)
  } catch (error) {
    return error instanceof OAuthError ? `${error.code}: ${error.reason}` : error
  }
  return 'accepted'
}
const bytes = (...values: (number | string)[]) =>
  Uint8Array.from(values.flatMap((value) => (typeof value === 'number' ? [value] : [...Buffer.from(value)])))

describe('parseForm', () => {
  it.each([
    ['an escape that is cut off', 'a=%', 'a percent escape is malformed'],
    ['an escape of one digit', 'a=%4', 'a percent escape is malformed'],
    ['an escape that is not hexadecimal', 'a=%zz', 'a percent escape is malformed'],
    ['a malformed escape in a name', '%=a', 'a percent escape is malformed'],
    ['escaped bytes that are not UTF-8', 'a=%ff', 'a percent escape is malformed'],
    ['an overlong form of an ASCII character', 'a=%c0%af', 'a percent escape is malformed'],
    ['an escaped surrogate', 'a=%ed%a0%80', 'a percent escape is malformed'],
    ['a character that is cut off between escapes', 'a=%e2%82', 'a percent escape is malformed'],
    ['raw bytes that are not UTF-8', bytes('a=', 0xff), 'the body is not UTF-8'],
    ['a raw surrogate in bytes', bytes('a=', 0xed, 0xa0, 0x80), 'the body is not UTF-8'],
    ['half a pair of surrogates in a string', 'a=\ud800', 'the body is not Unicode'],
    ['a repeated parameter', 'scope=a&scope=b', 'a parameter is repeated'],
    ['a repeated parameter with equal values', 'scope=a&scope=a', 'a parameter is repeated'],
    ['a repetition that hides behind an escape', 'scope=a&%73cope=a', 'a parameter is repeated'],
    ['a repetition that hides behind a plus sign and an empty pair', 'token=a&&token=+', 'a parameter is repeated'],
    ['101 parameters', Array.from({ length: 101 }, (_, n) => `p${n}=1`).join('&'), 'too many parameters'],
    ['101 parameters without a value', 'a&'.repeat(101), 'too many parameters'],
    ['a name of 65 characters', `${'n'.repeat(65)}=1`, 'a parameter is too long'],
    ['a value above 16 KiB', `a=${'v'.repeat(16 * 1024 + 1)}`, 'a parameter is too long'],
    ['a value above 16 KiB in UTF-8 alone', `a=${'€'.repeat(5462)}`, 'a parameter is too long'],
    ['a value above 16 KiB that is nobody’s business', `x=${'%20'.repeat(16 * 1024 + 1)}`, 'a parameter is too long'],
  ])('refuses %s', (_, body, reason) => {
    expect(refused(body)).toBe(`invalid_request: ${reason}`)
  })

  it.each([
    ['100 parameters', Array.from({ length: 100 }, (_, n) => `p${n}=1`).join('&')],
    ['a name of 64 characters', `${'n'.repeat(64)}=1`],
    ['a value of 16 KiB', `a=${'v'.repeat(16 * 1024)}`],
    ['a value of 16 KiB less one byte in 5461 characters', `a=${'€'.repeat(5461)}`],
    ['nothing at all', ''],
    ['nothing but separators', '&&&&'],
  ])('takes %s', (_, body) => {
    expect(refused(body)).toBe('accepted')
  })

  it('reads percent escapes as UTF-8, and a plus sign as a space', () => {
    const form = parseForm('a=%E2%82%AC+%2B%20%00&b=%F0%9F%94%91&%C3%A4=1')
    expect([form.get('a'), form.get('b'), form.get('ä')]).toEqual(['€ + \0', '🔑', '1'])
  })

  it('reads what stands unescaped in the body too', () => {
    expect(parseForm(Buffer.from('a=€&b=x=y=&c')).get('a')).toBe('€')
    expect(parseForm('b=x=y=').get('b')).toBe('x=y=')
  })

  it('keeps a byte order mark where it stands: it is part of the first name', () => {
    const form = parseForm(bytes(0xef, 0xbb, 0xbf, 'grant_type=a'))
    expect([form.get('grant_type'), form.get('\ufeffgrant_type')]).toEqual([undefined, 'a'])
  })

  it('treats a parameter without a value as omitted, also beside one that has a value', () => {
    const form = parseForm('scope=&scope&scope=a&scope=&client_secret=&token')
    expect(['scope', 'client_secret', 'token'].map(form.get)).toEqual(['a', undefined, undefined])
    expect(form.getAll('client_secret')).toEqual([])
  })

  it('takes the first of an unknown parameter that repeats, and all of one that may', () => {
    const form = parseForm('unknown=a&unknown=b&resource=https://a&resource=https://b')
    expect(form.get('unknown')).toBe('a')
    expect(form.getAll('resource')).toEqual(['https://a', 'https://b'])
  })

  it('finds no parameter that nobody sent, however an object would', () => {
    const form = parseForm('__proto__=polluted&constructor=x&a[$ne]=1')
    expect(form.get('__proto__')).toBe('polluted')
    expect(['toString', 'hasOwnProperty', 'prototype', 'a'].map(form.get)).toEqual(Array(4).fill(undefined))
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('never answers with anything but a form or an invalid_request, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (body) => {
        expect(refused(body)).toMatch(/^(?:accepted|invalid_request: )/)
      }),
    )
  })

  it('never answers with anything but a form or an invalid_request, whatever the text is', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom('%', '%e', '&', '=', '+', 'scope', 'token=', '%00', '\ud800', '__proto__'),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        expect(refused(pieces.join(''))).toMatch(/^(?:accepted|invalid_request: )/)
      }),
    )
  })

  it('reads back what URLSearchParams wrote, as bytes and as text', () => {
    const parameter = fc.tuple(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
      fc.string({ unit: 'grapheme', minLength: 1 }),
    )
    fc.assert(
      fc.property(fc.uniqueArray(parameter, { selector: ([name]) => name, maxLength: 20 }), (parameters) => {
        const written = new URLSearchParams(parameters as [string, string][]).toString()
        for (const form of [parseForm(written), parseForm(Buffer.from(written))])
          for (const [name, value] of parameters) expect([form.get(name), form.getAll(name)]).toEqual([value, [value]])
      }),
    )
  })
})

describe('formOf', () => {
  it('answers like a form that was parsed', () => {
    const form = formOf({ scope: 'a', empty: '', missing: undefined, ['__proto__']: 'own' })
    expect(['scope', 'empty', 'missing', '__proto__', 'toString'].map(form.get)).toEqual([
      'a',
      undefined,
      undefined,
      'own',
      undefined,
    ])
    expect(['scope', 'empty', 'missing', 'toString'].map(form.getAll)).toEqual([['a'], [], [], []])
  })
})

describe('decodeFormComponent', () => {
  it('undoes what encodeURIComponent does to any text that is well-formed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeFormComponent(encodeURIComponent(text))).toBe(text)
      }),
    )
  })

  it('decodes once, not twice', () => {
    expect(decodeFormComponent('%2541')).toBe('%41')
    expect(decodeFormComponent('%252B+%2B')).toBe('%2B +')
  })
})
