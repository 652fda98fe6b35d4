import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { IntrospectionOptions } from '../src/index.ts'
import {
  API,
  claimsOf,
  type IssuerKey,
  json,
  makeKey,
  NOW,
  PATHS,
  sign,
  startIssuer,
  status,
  type TestIssuer,
  verifierOf,
} from './test-issuer.ts'

const UNKNOWN = { code: 'temporarily_unavailable', status: 503 }
const ACTIVE = { ok: true }
const REFUSED = { ok: false, error: 'invalid_token' }
const TOKEN = 'lk_at_token'

let issuer: TestIssuer
let key: IssuerKey
beforeEach(async () => {
  key = await makeKey('ES256', 'current')
  issuer = await startIssuer(key)
})
afterEach(() => issuer.close())

const asking = (options: Partial<IntrospectionOptions> = {}) =>
  verifierOf(issuer, { introspection: { clientId: 'sales-api', clientSecret: 's3cret', ...options } })
const questions = (): number => issuer.asked.filter((path) => path === PATHS.introspection).length
const active = (changes: Record<string, unknown> = {}) =>
  json({ active: true, token_type: 'Bearer', ...claimsOf(issuer.issuer, changes) })

describe('a token that is not signed', () => {
  it('is refused where the issuer is not to be asked', async () => {
    expect(await verifierOf(issuer).verify(TOKEN)).toEqual(REFUSED)
    expect(issuer.asked).toEqual([])
  })

  it('is what the issuer says, who is asked as the API, with the token in the body', async () => {
    let seen: unknown
    issuer.answers.set(PATHS.introspection, (request, response, body) => {
      seen = [request.method, request.headers.authorization, request.headers['content-type'], body]
      active()(request, response, body)
    })
    const { verify } = asking({ clientId: 'sales api:ü', clientSecret: 'a%b+c' })
    expect(await verify(TOKEN)).toMatchObject({
      ok: true,
      accessToken: {
        clientId: 'nightly-reports',
        subject: 'nightly-reports',
        scopes: ['sales:read'],
        audience: [API],
        expiresAt: NOW + 600,
        id: 'token-1',
      },
    })
    expect(seen).toEqual([
      'POST',
      `Basic ${btoa('sales+api%3A%C3%BC:a%25b%2Bc')}`,
      'application/x-www-form-urlencoded;charset=UTF-8',
      `token=${TOKEN}&token_type_hint=access_token`,
    ])
  })

  it('is refused when the issuer says that it is not active', async () => {
    issuer.answers.set(PATHS.introspection, json({ active: false }))
    expect(await asking().verify(TOKEN)).toEqual(REFUSED)
  })

  it.each<[string, Record<string, unknown>]>([
    ['is for another API', { aud: 'https://other.example.com' }],
    ['is for nobody', { aud: undefined }],
    ['is of another issuer', { iss: 'https://evil.example.com' }],
    ['has expired by the clock of the API', { exp: NOW - 5 }],
    ['never expires', { exp: undefined }],
    ['does not count yet', { nbf: NOW + 6 }],
    ['has no client', { client_id: undefined }],
    ['is bound to a key', { cnf: { jkt: 'x' } }],
    ['is no bearer token', { token_type: 'DPoP' }],
    ['has scopes that are none', { scope: ['sales:read'] }],
  ])('is refused when it %s, though the issuer calls it active', async (_, changes) => {
    issuer.answers.set(PATHS.introspection, active(changes))
    expect(await asking().verify(TOKEN)).toEqual(REFUSED)
  })

  it('needs no iss, iat and jti, which an introspection endpoint may leave out', async () => {
    issuer.answers.set(
      PATHS.introspection,
      active({ iss: undefined, iat: undefined, jti: undefined, token_type: undefined }),
    )
    const verdict = await asking().verify(TOKEN)
    expect(verdict).toMatchObject(ACTIVE)
    expect(verdict).not.toHaveProperty('accessToken.id')
    expect(verdict).not.toHaveProperty('accessToken.issuedAt')
  })
})

describe('an endpoint that says neither yes nor no', () => {
  it.each([
    ['is broken', () => status(500)],
    ['is away', () => status(503)],
    ['does not know the API', () => status(401)],
    ['is not there', () => status(404)],
    [
      'sends elsewhere',
      () => (_: unknown, response: { writeHead: (code: number, headers: object) => { end(): unknown } }) =>
        response.writeHead(307, { location: '/elsewhere' }).end(),
    ],
    ['does not say whether it is active', () => json({})],
    ['says it in a text', () => json({ active: 'true' })],
    ['says it in a number', () => json({ active: 1 })],
    ['answers a list', () => json([{ active: true }])],
  ] as const)('makes nobody know when it %s, and is asked again', async (_, answer) => {
    issuer.answers.set(PATHS.introspection, answer() as ReturnType<typeof status>)
    const { verify, events } = asking({ cacheSeconds: 60 })
    await expect(verify(TOKEN)).rejects.toMatchObject(UNKNOWN)
    expect(events).toMatchObject([{ type: 'issuer_unavailable' }])
    issuer.answers.set(PATHS.introspection, active())
    expect(await verify(TOKEN)).toMatchObject(ACTIVE)
  })

  it('makes nobody know when it is silent', async () => {
    issuer.answers.set(PATHS.introspection, () => undefined)
    const { verify } = verifierOf(issuer, {
      timeoutMilliseconds: 50,
      introspection: { clientId: 'sales-api', clientSecret: 's3cret' },
    })
    await expect(verify(TOKEN)).rejects.toMatchObject(UNKNOWN)
  })

  it('makes nobody know when the issuer names none', async () => {
    issuer.answers.set(PATHS.metadata, json({ issuer: issuer.issuer }))
    await expect(asking().verify(TOKEN)).rejects.toMatchObject(UNKNOWN)
  })

  it('tells its operator neither the token nor the secret', async () => {
    issuer.answers.set(PATHS.introspection, (_, response) => response.destroy())
    const { verify, events } = asking()
    await expect(verify(TOKEN)).rejects.toMatchObject(UNKNOWN)
    expect(events).toHaveLength(1)
    const told = JSON.stringify(events, (_, value: unknown) =>
      value instanceof Error ? [value.message, String(value.stack), value.cause] : value,
    )
    for (const secret of [TOKEN, 's3cret', btoa('sales-api:s3cret')]) expect(told).not.toContain(secret)
  })
})

describe('an answer', () => {
  beforeEach(() => issuer.answers.set(PATHS.introspection, active()))

  it('is kept for the seconds that it may be kept', async () => {
    const { verify, clock } = asking({ cacheSeconds: 10 })
    await verify(TOKEN)
    clock.seconds += 9
    await verify(TOKEN)
    expect(questions()).toBe(1)
    issuer.answers.set(PATHS.introspection, json({ active: false }))
    clock.seconds += 1
    expect(await verify(TOKEN)).toEqual(REFUSED)
  })

  it('is kept no longer than the token lives', async () => {
    issuer.answers.set(PATHS.introspection, active({ exp: NOW + 3 }))
    const { verify, clock } = asking({ cacheSeconds: 60 })
    await verify(TOKEN)
    clock.seconds += 2
    await verify(TOKEN)
    expect(questions()).toBe(1)
    clock.seconds += 1
    await verify(TOKEN)
    expect(questions()).toBe(2)
  })

  it('is not kept at all where that is asked for, nor shared', async () => {
    const { verify } = asking({ cacheSeconds: 0 })
    await Promise.all([verify(TOKEN), verify(TOKEN)])
    await verify(TOKEN)
    expect(questions()).toBe(3)
  })

  it('is shared by those who ask at once', async () => {
    const { verify } = asking()
    await Promise.all(Array.from({ length: 20 }, () => verify(TOKEN)))
    expect(questions()).toBe(1)
  })

  it('is not kept when the clock was set back', async () => {
    const { verify, clock } = asking({ cacheSeconds: 60 })
    await verify(TOKEN)
    clock.seconds -= 10
    issuer.answers.set(PATHS.introspection, json({ active: false }))
    expect(await verify(TOKEN)).toEqual(REFUSED)
  })

  it('of no is not kept: it drives no other out', async () => {
    const { verify } = asking({ maxCacheEntries: 1 })
    await verify(TOKEN)
    issuer.answers.set(PATHS.introspection, json({ active: false }))
    for (let index = 0; index < 5; index += 1) expect(await verify(`made-up-${index}`)).toEqual(REFUSED)
    expect(await verify(TOKEN)).toMatchObject(ACTIVE)
    expect(questions()).toBe(6)
  })

  it('goes when there are too many, the oldest first', async () => {
    const { verify } = asking({ maxCacheEntries: 2 })
    for (const token of ['one', 'two', 'three']) await verify(token)
    expect(questions()).toBe(3)
    await verify('two')
    await verify('three')
    expect(questions()).toBe(3)
    await verify('one')
    expect(questions()).toBe(4)
  })

  it('is not waited for by more than 64 at once', async () => {
    const waiting: (() => void)[] = []
    issuer.answers.set(PATHS.introspection, (request, response, body) => {
      waiting.push(() => active()(request, response, body))
      if (waiting.length === 64) for (const answer of waiting) answer()
    })
    const { verify } = asking()
    const results = await Promise.allSettled(Array.from({ length: 100 }, (_, index) => verify(`token-${index}`)))
    expect(results.filter(({ status: one }) => one === 'fulfilled')).toHaveLength(64)
    expect(questions()).toBe(64)
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject(UNKNOWN)
  })
})

describe('a signed token', () => {
  it('is not asked about where its signature is enough', async () => {
    expect(await asking().verify(await sign(key, claimsOf(issuer.issuer)))).toMatchObject(ACTIVE)
    expect(questions()).toBe(0)
  })

  it('is asked about as well where that is wanted, so that a revocation is seen', async () => {
    const token = await sign(key, claimsOf(issuer.issuer))
    issuer.answers.set(PATHS.introspection, active())
    const { verify } = asking({ mode: 'always', cacheSeconds: 0 })
    expect(await verify(token)).toMatchObject(ACTIVE)
    issuer.answers.set(PATHS.introspection, json({ active: false }))
    expect(await verify(token)).toEqual(REFUSED)
    issuer.answers.set(PATHS.introspection, status(503))
    await expect(verify(token)).rejects.toMatchObject(UNKNOWN)
  })

  it('must be good before it is asked about', async () => {
    issuer.answers.set(PATHS.introspection, active())
    const { verify } = asking({ mode: 'always' })
    expect(await verify(await sign(key, claimsOf(issuer.issuer, { exp: NOW - 5 })))).toEqual(REFUSED)
    expect(await verify(await sign(key, claimsOf(issuer.issuer), { typ: 'JWT' }))).toEqual(REFUSED)
    expect(questions()).toBe(0)
  })

  it('is only asked about where nothing can be verified here', async () => {
    issuer.answers.set(PATHS.introspection, active())
    const { verify } = asking({ mode: 'only' })
    expect(await verify('eyJhbGciOiJIUzI1NiJ9.e30.c2ln')).toMatchObject(ACTIVE)
    expect(issuer.asked).not.toContain(PATHS.jwks)
  })
})
