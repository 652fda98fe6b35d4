import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defineClient } from '../../src/domain/client.ts'
import { grantScopes, isRemembered, parseScope, scopeTextOf } from '../../src/domain/scope.ts'
import { isScopeToken } from '../../src/domain/scope-token.ts'
import { OAuthError } from '../../src/errors.ts'

const outcomeOf = (decide: () => readonly string[]) => {
  try {
    return decide()
  } catch (error) {
    return error instanceof OAuthError ? error.code : error
  }
}
const client = (more: object = {}) =>
  defineClient({ id: 'reports', scopes: { read: true, write: true, erase: false, paint: false }, ...more })
const granted = (requested: string | undefined, more: object = {}) =>
  outcomeOf(() => grantScopes(requested, client(more)))

describe('parseScope', () => {
  it('reads words in the order in which they were asked for, each once', () => {
    expect(parseScope('b a b a c')).toEqual(['b', 'a', 'c'])
    expect(parseScope('!#[]~')).toEqual(['!#[]~'])
  })

  it.each(['', ' ', ' a', 'a ', 'a  b', 'a\tb', 'a\nb', 'a"b', 'a\\b', 'ä', 'a\0', '\ud800', 'a\u00a0b', 'a\u007f'])(
    'refuses %j',
    (text) => {
      expect(outcomeOf(() => parseScope(text))).toBe('invalid_scope')
    },
  )

  it('reads 16 KiB of one-letter words in one go', () => {
    const words = Array.from({ length: 8192 }, (_, n) => 'abcdefgh'[n % 8] ?? '')
    expect(parseScope(words.join(' '))).toEqual([...'abcdefgh'])
    expect(outcomeOf(() => parseScope(`${words.join(' ')} `))).toBe('invalid_scope')
  })

  it('reads back what was joined, and refuses everything else as invalid_scope', () => {
    const word = fc.string({ unit: 'grapheme-ascii', minLength: 1 }).filter(isScopeToken)
    fc.assert(
      fc.property(fc.uniqueArray(word, { minLength: 1 }), (words) => {
        expect(parseScope(words.join(' '))).toEqual(words)
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const outcome = outcomeOf(() => parseScope(text))
        expect(outcome === 'invalid_scope' || (outcome as string[]).every(isScopeToken)).toBe(true)
      }),
    )
  })
})

describe('grantScopes', () => {
  it('grants what is asked for and held, in the order of the request', () => {
    expect(granted('write read')).toEqual(['write', 'read'])
    expect(granted('read read')).toEqual(['read'])
  })

  it.each(['other', 'read other', 'Read', '__proto__', 'constructor', 'toString'])(
    'refuses %j, which is not held, under either policy',
    (scope) => {
      expect(granted(scope)).toBe('invalid_scope')
      expect(granted(scope, { scopePolicy: 'reduce' })).toBe('invalid_scope')
    },
  )

  it('refuses a scope that is held disabled, unless the policy is to reduce', () => {
    expect(granted('read erase')).toBe('invalid_scope')
    expect(granted('read erase paint', { scopePolicy: 'reduce' })).toEqual(['read'])
  })

  it('refuses a request of which nothing is left', () => {
    expect(granted('erase paint', { scopePolicy: 'reduce' })).toBe('invalid_scope')
  })

  it('grants every enabled scope when none is asked for, or the enabled ones among the default scopes', () => {
    expect(granted(undefined)).toEqual(['read', 'write'])
    expect(granted(undefined, { defaultScopes: ['write'] })).toEqual(['write'])
    expect(granted(undefined, { defaultScopes: ['erase', 'read'] })).toEqual(['read'])
    expect(granted(undefined, { defaultScopes: [] })).toEqual([])
    expect(granted(undefined, { scopes: {} })).toEqual([])
  })

  it('never grants a scope that is not held and enabled, whatever is asked for', () => {
    const asked = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom('read', 'write', 'erase', 'paint', 'other', '__proto__', ''), { maxLength: 6 })
        .map((words) => words.join(' ')),
    )
    fc.assert(
      fc.property(asked, fc.constantFrom('strict', 'reduce'), (scope, scopePolicy) => {
        const outcome = granted(scope, { scopePolicy })
        expect([['read'], ['write'], ['read', 'write'], ['write', 'read'], 'invalid_scope']).toContainEqual(outcome)
      }),
    )
  })
})

describe('a client that is handed out again', () => {
  it('is judged by what it holds now, where it can be changed', () => {
    const scopes = [{ name: 'read', enabled: true }]
    const changing = { ...client(), scopes }
    expect(grantScopes('read', changing)).toEqual(['read'])
    scopes[0] = { name: 'read', enabled: false }
    expect(outcomeOf(() => grantScopes('read', changing))).toBe('invalid_scope')
  })

  it('is judged by what it holds now, where a part of it can be changed', () => {
    const read = { name: 'read', enabled: true }
    const changing = Object.freeze({ ...client(), scopes: Object.freeze([read]) })
    expect(grantScopes('read', changing)).toEqual(['read'])
    read.enabled = false
    expect(outcomeOf(() => grantScopes('read', changing))).toBe('invalid_scope')
  })

  it('is judged by what it holds now, where it can be changed as a whole', () => {
    const scopesOf = (enabled: boolean) => Object.freeze([Object.freeze({ name: 'read', enabled })])
    const changing = { ...client(), scopes: scopesOf(true) }
    expect(grantScopes('read', changing)).toEqual(['read'])
    changing.scopes = scopesOf(false)
    expect(outcomeOf(() => grantScopes('read', changing))).toBe('invalid_scope')
  })

  it('is judged by what it holds now, where the list of its scopes can be changed', () => {
    const scopes = [Object.freeze({ name: 'read', enabled: true })]
    const changing = Object.freeze({ ...client(), scopes })
    expect(grantScopes('read', changing)).toEqual(['read'])
    scopes.pop()
    expect(outcomeOf(() => grantScopes('read', changing))).toBe('invalid_scope')
  })

  const frozen = (more: object = {}) => {
    const { scopes, ...members } = client(more)
    return Object.freeze({ ...members, scopes: Object.freeze(scopes.map((scope) => Object.freeze({ ...scope }))) })
  }

  it('is granted the same frozen list for the same words, where it cannot be changed', () => {
    const reader = frozen()
    const list = grantScopes('write read', reader)
    expect([list, scopeTextOf(list), Object.isFrozen(list), isRemembered(list)]).toEqual([
      ['write', 'read'],
      'write read',
      true,
      true,
    ])
    expect(grantScopes('write read', reader)).toBe(list)
    expect(grantScopes('read write', reader)).toEqual(['read', 'write'])
    expect(outcomeOf(() => grantScopes('write read', frozen({ scopes: { read: true } })))).toBe('invalid_scope')
  })

  it('is granted what it asked for anew, where that is not all of it or comes in many ways', () => {
    const reducing = frozen({ scopePolicy: 'reduce' })
    for (const requested of ['read erase', 'read read', 'read'])
      expect(grantScopes(requested, reducing)).toEqual(['read'])
    const names = 'abcdef'
    const many = frozen({ scopes: Object.fromEntries([...names].map((name) => [name, true])) })
    for (const name of names) expect(grantScopes(name, many)).toEqual([name])
    expect([...names].filter((name) => isRemembered(grantScopes(name, many)))).toEqual(['a', 'b', 'c', 'd'])
  })

  it('is granted lists that are nobody else’s, where it can be changed', () => {
    const changing = { ...client() }
    const list = grantScopes('read', changing)
    expect([Object.isFrozen(list), isRemembered(list)]).toEqual([false, false])
  })
})
