import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type KeptStorage, keep, latchkey, type Surroundings } from '../cli/latchkey.ts'
import { startedService } from '../started-service.ts'

const MASTER_KEY = 'A'.repeat(43)

let storage: KeptStorage
beforeEach(async () => {
  storage = await keep()
})
afterEach(() => storage.end())

const key = (words: string, more: Surroundings & { readonly settings?: Record<string, string> } = {}) =>
  latchkey(['key', ...words.split(' ')], {
    ...more,
    environment: { ...storage.environment, LATCHKEY_MASTER_KEY: MASTER_KEY, ...more.settings },
  })

async function documentOf(words: string): Promise<Record<string, unknown>> {
  const { code, out, err } = await key(`${words} --json`)
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out) as Record<string, unknown>
}

const keys = async () => (await documentOf('list'))['keys'] as readonly Record<string, string>[]

describe('latchkey key', () => {
  it('lists nothing where there is nothing, and makes no key for it', async () => {
    expect(await key('list')).toEqual({
      code: 0,
      out: '',
      err: 'There is no signing key yet; the service makes the first one.\n',
    })
    expect(await keys()).toEqual([])
    expect((await storage.adapter.keys?.list())?.keys).toEqual([])
  })

  it('announces the next key, once, and lists both', async () => {
    await key('rotate')
    const [first] = await keys()
    const next = await documentOf('rotate')
    expect(next).toMatchObject({ state: 'announced', alg: 'ES256' })
    expect(await documentOf('rotate')).toEqual(next)
    expect(await keys()).toMatchObject([
      { kid: first?.['kid'], state: 'signing' },
      { kid: next['kid'], state: 'announced', signs_from: expect.any(Number) as unknown },
    ])
    const { out } = await key('list')
    expect(out).toMatch(/^KID +ALG +STATE +SIGNS_FROM +CREATED +MASTER_KEY\n\S+ +ES256 +signing +\d{4}-/)
  })

  it('announces a key of another algorithm where one is asked for, and keeps that of before where none is', async () => {
    await key('rotate', { settings: { LATCHKEY_SIGNING_ALG: 'EdDSA' } })
    expect((await keys()).map(({ alg }) => alg)).toEqual(['EdDSA', 'EdDSA'])
  })

  it('announces that of one of several algorithms, and of none that is not in use', async () => {
    const settings = { LATCHKEY_SIGNING_ALG: 'ES256,RS256' }
    expect((await key('rotate --alg RS256 --json', { settings })).code).toBe(0)
    expect((await keys()).map(({ alg }) => alg).filter((alg) => alg === 'RS256')).not.toHaveLength(0)
    const { code, err } = await key('rotate --alg PS256', { settings })
    expect([code, err]).toEqual([1, 'latchkey: --alg must be one of those in use: ES256, RS256\n'])
  })

  it('changes nothing for a service that runs, which follows', async () => {
    const { service } = await startedService({
      ...storage.environment,
      LATCHKEY_MASTER_KEY: MASTER_KEY,
      LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt',
    })
    try {
      const [first] = await keys()
      await key('rotate')
      const published = service.server.jwks?.({ ifNoneMatch: undefined }).body ?? ''
      expect(published).toContain(first?.['kid'])
    } finally {
      await service.close()
    }
  })

  it('retires the key that signs when the next one may, and no other', async () => {
    await key('rotate')
    const [first] = await keys()
    const kid = first?.['kid'] ?? ''
    const { signs_until: until, next } = (await documentOf(`retire ${kid}`)) as { signs_until: number; next: object }
    expect(next).toMatchObject({ state: 'announced', signs_from: until })
    const [, announced] = await keys()
    expect(await key(`retire ${announced?.['kid']}`)).toMatchObject({
      code: 1,
      err: `latchkey: ${announced?.['kid']} is announced, and signs nothing; --now removes it\n`,
    })
  })

  it('removes a key at once when it is told to, and puts another in its place', async () => {
    await key('rotate')
    const [first] = await keys()
    const kid = first?.['kid'] ?? ''
    expect(await key(`retire ${kid} --now`)).toMatchObject({
      code: 2,
      err: expect.stringContaining('--yes is missing') as unknown,
    })
    expect(await key(`retire ${kid} --now`, { terminal: true, input: 'n\n' })).toMatchObject({ code: 1 })
    expect((await keys()).map((known) => known['kid'])).toContain(kid)
    expect(await documentOf(`retire ${kid} --now --yes`)).toEqual({ kid, removed: true })
    const left = await keys()
    expect(left.map((known) => known['kid'])).not.toContain(kid)
    expect(left.length).toBeGreaterThan(0)
    expect(await key(`retire ${kid} --now --yes`)).toMatchObject({
      code: 1,
      err: `latchkey: there is no key ${JSON.stringify(kid)}\n`,
    })
  })

  it('removes a key for a person who says yes', async () => {
    await key('rotate')
    await key('rotate')
    const [, announced] = await keys()
    const said = await key(`retire ${announced?.['kid']} --now`, { terminal: true, input: 'y\n' })
    expect(said).toMatchObject({ code: 0, out: expect.stringContaining('is removed') as unknown })
  })

  it.each([
    ['LATCHKEY_MASTER_KEY is required: the keys are encrypted with it', { LATCHKEY_MASTER_KEY: '' }],
    ['none of the 2 signing keys can be used', { LATCHKEY_MASTER_KEY: `${'B'.repeat(42)}A` }],
    ['LATCHKEY_MASTER_KEY must be 32 bytes', { LATCHKEY_MASTER_KEY: 'needle' }],
    ['LATCHKEY_STORAGE keeps keys in the memory of one process', { LATCHKEY_STORAGE: 'memory:' }],
    [
      'JWTs are signed with LATCHKEY_JWT_SECRET: there are no keys',
      { LATCHKEY_SIGNING_ALG: 'HS256', LATCHKEY_JWT_SECRET: 'needle'.repeat(6) },
    ],
    ['JWTs are signed with LATCHKEY_SIGNING_KEY: nobody but you', { LATCHKEY_SIGNING_KEY: '{"needle":1}' }],
  ])('refuses in one line, and repeats no secret: %s', async (problem, settings) => {
    await key('rotate')
    const { code, out, err } = await key('list', { settings })
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain(problem)
    expect(err.trimEnd().split('\n')).toHaveLength(1)
    expect(err).not.toContain('needle')
  })

  it('says why a storage that is away cannot be looked at', async () => {
    const away = await keep()
    await key('rotate', { settings: away.environment })
    const list = away.adapter.keys?.list.bind(away.adapter.keys)
    let looks = 0
    // The first look is the command's own, the second that of the ring.
    Object.assign(away.adapter.keys ?? {}, {
      list: () => (++looks === 1 ? list?.() : Promise.reject(new Error('connection refused'))),
    })
    expect(await key('list', { settings: away.environment })).toEqual({
      code: 1,
      out: '',
      err: 'latchkey: the signing keys cannot be opened: SigningKeyStore.list failed: connection refused\n',
    })
    await away.end()
  })

  it('refuses a storage that has no place for keys', async () => {
    const without = await keep({ keys: undefined } as never)
    const { code, err } = await key('list', { settings: without.environment })
    expect([code, err]).toEqual([1, 'latchkey: LATCHKEY_STORAGE: the adapter has no port "keys", which is needed\n'])
    await without.end()
  })
})
