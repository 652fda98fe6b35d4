import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { OAuthError } from '../../src/errors.ts'
import { askForClaims, type ClaimsHook } from '../../src/tokens/custom-claims.ts'
import { reports } from '../test-server.ts'

const context = { client: reports(), subject: 'reports', scopes: ['read'], audience: ['https://api.example.com'] }
const ask = (hook: (given: typeof context) => unknown) => askForClaims(hook as ClaimsHook, context)
const reasonOf = async (hook: (given: typeof context) => unknown) => {
  const error: unknown = await ask(hook).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(OAuthError)
  expect(error).toMatchObject({ code: 'server_error', message: 'the token could not be made' })
  return (error as OAuthError).reason
}
const NOT_JSON = 'the claims hook returned what is not a JSON object'

describe('the claims hook', () => {
  it('sees client, subject, scopes and audience', async () => {
    const seen = await ask((given) => ({ sees: Object.keys(given).sort(), tenant: given.client.id }))
    expect(seen.claims).toEqual({ sees: ['audience', 'client', 'scopes', 'subject'], tenant: 'reports' })
  })

  it('may answer at once or later, and with nothing', async () => {
    expect(await ask(() => ({ a: 1 }))).toEqual({ claims: { a: 1 }, ignored: [] })
    expect(await ask(async () => ({ a: 1 }))).toEqual({ claims: { a: 1 }, ignored: [] })
    expect(await ask(() => undefined)).toEqual({ claims: undefined, ignored: [] })
    expect(await ask(() => ({}))).toEqual({ claims: {}, ignored: [] })
  })

  it('may say whatever JSON can say, under any name', async () => {
    const claims = { a: [1, null, true, '', { b: [[]] }], '': 0, 'ä\0': -1.5e300, toString: 'x', constructor: {} }
    expect((await ask(() => claims)).claims).toEqual(claims)
    const own = (await ask(() => JSON.parse('{"__proto__":{"admin":true}}') as unknown)).claims
    expect(Object.keys(own ?? {})).toEqual(['__proto__'])
    expect((own as { admin?: unknown }).admin).toBeUndefined()
    expect((await ask(() => Object.assign(Object.create(null) as object, { a: 1 }))).claims).toEqual({ a: 1 })
  })

  it.each([
    'iss',
    'sub',
    'aud',
    'exp',
    'nbf',
    'iat',
    'jti',
    'client_id',
    'scope',
    'cnf',
    'act',
    'may_act',
    'active',
    'token_type',
  ])('may not say %s', async (name) => {
    expect(await ask(() => ({ [name]: 'x', tenant: 'a' }))).toEqual({ claims: { tenant: 'a' }, ignored: [name] })
  })

  it('has its answer copied: what it changes later changes no token', async () => {
    const answer = { roles: ['reader'] }
    const { claims } = await ask(() => answer)
    answer.roles.push('admin')
    expect(claims).toEqual({ roles: ['reader'] })
  })

  const cycle: Record<string, unknown> = {}
  cycle['itself'] = cycle
  it.each([
    ['null', null],
    ['a text', 'admin'],
    ['a number', 7],
    ['a list', ['admin']],
    ['a function', () => ({})],
    ['a date', new Date(0)],
    ['a map', new Map([['a', 1]])],
    ['an undefined member', { a: undefined }],
    ['an undefined member deep down', { a: [{ b: undefined }] }],
    ['a list with a hole', { a: new Array(2) }],
    ['a function in it', { a: () => 1 }],
    ['a symbol in it', { a: Symbol('a') }],
    ['a BigInt in it', { a: 1n }],
    ['NaN in it', { a: Number.NaN }],
    ['an infinite number in it', { a: Number.NEGATIVE_INFINITY }],
    ['half a character in it', { a: '\ud800' }],
    ['a date in it', { a: new Date(0) }],
    ['a set in it', { a: new Set([1]) }],
    ['bytes in it', { a: Buffer.from('a') }],
    ['a promise in it', { a: Promise.resolve(1) }],
    ['a cycle', cycle],
    ['toJSON that makes a text of it', { toJSON: () => 'abc' }],
    ['toJSON that makes nothing of it', { toJSON: () => undefined }],
    ['toJSON that makes null of it', { toJSON: () => null }],
    ['toJSON that makes other claims of it', { toJSON: () => ({ admin: true }) }],
    ['toJSON in it', { a: { toJSON: () => 1 } }],
  ])('fails the request when it returns %s', async (_, answer) => {
    expect(await reasonOf(() => answer)).toBe(NOT_JSON)
  })

  it('fails the request when a member throws as it is read', async () => {
    const answer = Object.defineProperty({}, 'a', {
      enumerable: true,
      get: () => {
        throw new Error('no')
      },
    })
    expect(await reasonOf(() => answer)).toBe(NOT_JSON)
  })

  it('fails the request when it nests deeper than anybody can write down', async () => {
    let deep: object = {}
    for (let level = 0; level < 100_000; level += 1) deep = { deep }
    expect(await reasonOf(() => deep)).toBe(NOT_JSON)
  })

  it('may say 8 KiB and no more', async () => {
    const sized = (length: number) => ({ a: 'x'.repeat(length - '{"a":""}'.length) })
    expect((await ask(() => sized(8192))).claims).toEqual(sized(8192))
    expect(await reasonOf(() => sized(8193))).toBe('the claims hook returned more than 8192 characters of JSON')
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('no tenant')
      },
      'the claims hook threw: no tenant',
    ],
    ['rejects', () => Promise.reject(new Error('no tenant')), 'the claims hook threw: no tenant'],
    [
      'throws what is no error',
      () => {
        throw 'no tenant' as unknown as Error
      },
      'the claims hook threw: what is no error',
    ],
    [
      'throws an error of the protocol, which may be another server’s',
      () => {
        throw new OAuthError('invalid_client', 'you are not who you say')
      },
      'the claims hook threw: you are not who you say',
    ],
  ])('fails the request as a fault of the server when it %s', async (_, hook, reason) => {
    expect(await reasonOf(hook)).toBe(reason)
  })
})

describe('a claims hook that takes its time', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('is given up after two seconds, and what it does afterwards concerns nobody', async () => {
    let fail: (error: Error) => void = () => {}
    const reason = reasonOf(() => new Promise((_, reject) => (fail = reject)))
    await vi.advanceTimersByTimeAsync(2000)
    expect(await reason).toBe('the claims hook took too long')
    fail(new Error('too late'))
    await vi.advanceTimersByTimeAsync(0)
  })

  it('is waited for until then, and leaves no timer behind', async () => {
    const answer = ask(() => new Promise((resolve) => setTimeout(() => resolve({ a: 1 }), 1999)))
    await vi.advanceTimersByTimeAsync(1999)
    expect((await answer).claims).toEqual({ a: 1 })
    expect(vi.getTimerCount()).toBe(0)
    await expect(
      ask(() => {
        throw new Error('no')
      }),
    ).rejects.toThrow('the token could not be made')
    expect(vi.getTimerCount()).toBe(0)
  })
})
