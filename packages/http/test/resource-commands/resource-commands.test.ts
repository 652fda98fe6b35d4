import { defineResource } from '@latchkey/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type KeptStorage, keep, latchkey, type Surroundings } from '../cli/latchkey.ts'

const SALES = 'https://sales.example.com'

const KEY = {
  kty: 'EC',
  crv: 'P-256',
  x: 'n-NS769E7OzDgPgfN1bKxCehc9DTOl3P_n91bAp-o4Y',
  y: 'RazmiZJeRCttJsFgLk3mo5FEWFyQgaGKdFIaAeVHM4o',
}

let storage: KeptStorage
beforeEach(async () => {
  storage = await keep()
})
afterEach(() => storage.end())

const resource = (words: string, more: Surroundings = {}) =>
  latchkey(['resource', ...words.split(' ')], { environment: storage.environment, ...more })

/** The document that a command prints; it must have gone well, without a word beside. */
async function documentOf(words: string): Promise<Record<string, unknown>> {
  const { code, out, err } = await resource(`${words} --json`)
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out) as Record<string, unknown>
}

const stored = async () => storage.adapter.resources?.find(SALES)

describe('latchkey resource add', () => {
  it('registers a resource, and says what makes it useful', async () => {
    expect(await resource(`add ${SALES} --scope sales:read --scope sales:refund`)).toEqual({
      code: 0,
      out: `${SALES} is registered\n`,
      err: `latchkey client update <id> --resource ${SALES} lets a client get tokens for it.\n`,
    })
    expect(await stored()).toEqual(defineResource({ identifier: SALES, scopes: ['sales:read', 'sales:refund'] }))
  })

  it('takes every member that a resource may have, and prints them in the words of the clients file', async () => {
    const encryption = JSON.stringify({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', key: KEY })
    const words = `add ${SALES} --name Sales --scope a --scope b --token-format jwt --token-ttl 60 --signing-alg RS256 --encryption ${encryption} --claims {"tier":1}`
    expect(await documentOf(words)).toEqual({
      resource: SALES,
      resource_name: 'Sales',
      scopes: ['a', 'b'],
      access_token_format: 'jwt',
      access_token_ttl: 60,
      access_token_signing_alg: 'RS256',
      access_token_encryption: { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', key: KEY },
      claims: { tier: 1 },
      version: 1,
    })
    expect(await stored()).toEqual(
      defineResource({
        identifier: SALES,
        name: 'Sales',
        scopes: ['a', 'b'],
        accessTokenFormat: 'jwt',
        accessTokenLifetimeSeconds: 60,
        accessTokenSigningAlg: 'RS256',
        accessTokenEncryption: { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', key: KEY },
        claims: { tier: 1 },
      }),
    )
  })

  it('takes the algorithm and the key of a resource back', async () => {
    const encryption = JSON.stringify({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', key: KEY })
    await resource(`add ${SALES} --token-format jwt --signing-alg RS256 --encryption ${encryption}`)
    const { err } = await resource(`update ${SALES} --signing-alg ES384`)
    expect(err).toBe(
      'There are tokens for it once the service signs with ES384: LATCHKEY_SIGNING_ALG may name several.\n',
    )
    const { out } = await resource(`show ${SALES}`)
    expect(out).toMatch(/^access_token_signing_alg +ES384$/m)
    expect(out).toMatch(/^access_token_encryption +ECDH-ES\+A256KW A256GCM, to a key of the type EC$/m)
    const { code } = await resource(`update ${SALES} --unset access_token_encryption --unset access_token_signing_alg`)
    expect(code).toBe(0)
    expect(await stored()).toEqual({ ...defineResource({ identifier: SALES, accessTokenFormat: 'jwt' }), version: 3 })
  })

  it('refuses an identifier that is taken, and leaves the resource alone', async () => {
    await resource(`add ${SALES} --scope a`)
    expect(await resource(`add ${SALES} --scope b`)).toEqual({
      code: 1,
      out: '',
      err: `latchkey: there is a resource "${SALES}" already; latchkey resource update changes it\n`,
    })
    expect((await stored())?.scopes).toEqual(['a'])
  })

  it('lets one of several at once win', async () => {
    const codes = await Promise.all(Array.from({ length: 5 }, async () => (await resource(`add ${SALES}`)).code))
    expect(codes.filter((code) => code === 0)).toHaveLength(1)
  })

  it.each([
    ['add', /missing required argument 'identifier'/],
    ['add sales', /absolute URI without fragment/],
    [`add ${SALES}#top`, /absolute URI without fragment/],
    [`add ${SALES} --scope a"b`, /scopes must be a list of words/],
    [`add ${SALES} --scope a --scope a`, /a scope is given twice/],
    [`add ${SALES} --token-format paper`, /Allowed choices are opaque, jwt/],
    [`add ${SALES} --token-ttl 0`, /whole number of seconds/],
    [`add ${SALES} --claims {broken`, /It is no JSON/],
    [`add ${SALES} --claims 3`, /claims must be an object/],
    [`add ${SALES} --claims {"sub":"needle"}`, /sub/],
    [`add ${SALES} --signing-alg HS256`, /Allowed choices are ES256/],
    [`add ${SALES} --signing-alg RS256`, /access_token_signing_alg needs access_token_format "jwt"/],
    [
      `add ${SALES} --token-format jwt --encryption {"key":{"d":"needle"}}`,
      /access_token_encryption.alg must be one of/,
    ],
    [`add ${SALES} needle`, /too many arguments/],
    [`update ${SALES}`, /nothing is given/],
    [`update ${SALES} --unset identifier`, /--unset takes one of/],
    [`update ${SALES} --unset resource_name --name x`, /resource_name is both given and unset/],
    [`update ${SALES} --unset scopes --add-scope x`, /scopes is both given and unset/],
    [`update ${SALES} --add-scope a --scope b`, /cannot be used with/],
    [`remove ${SALES}`, /--yes is missing/],
    ['nonsense', /unknown command/],
  ])('answers the wrong call "%s" with exit code 2, and changes nothing', async (words, expected) => {
    if (!words.startsWith('add')) await resource(`add ${SALES} --scope a`)
    const before = await stored()
    const { code, out, err } = await resource(words)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(expected)
    expect(err).not.toMatch(/needle|\n +at /)
    expect(await stored()).toEqual(before)
  })
})

describe('latchkey resource list and show', () => {
  it('show every resource on a line, and one with all that is known of it', async () => {
    await resource(
      `add ${SALES} --name Sales --scope a --scope b --token-format jwt --token-ttl 60 --claims {"tier":1}`,
    )
    await resource('add urn:example:stock')
    const { out } = await resource('list')
    expect(out).toMatch(/^RESOURCE +FORMAT +TTL +SCOPES +NAME\n/)
    expect(out).toMatch(/^https:\/\/sales\.example\.com +jwt +60 s +a b +Sales$/m)
    expect(out).toMatch(/^urn:example:stock +- +- +- +-$/m)
    expect(await documentOf('list')).toEqual({
      resources: [await documentOf(`show ${SALES}`), await documentOf('show urn:example:stock')],
    })
    const { out: shown } = await resource(`show ${SALES}`)
    expect(shown).toMatch(/^resource_name +Sales$/m)
    expect(shown).toMatch(/^claims +\{"tier":1\}$/m)
    expect((await resource('show urn:example:stock')).out).toMatch(/^access_token_ttl +the client's or the server's$/m)
  })

  it('say when there is none', async () => {
    expect(await resource('list')).toEqual({ code: 0, out: '', err: expect.stringMatching(/no resource yet/) })
    expect(await documentOf('list')).toEqual({ resources: [] })
  })

  it.each(['show', 'update --name x', 'remove --yes'])('refuses "%s" of one that is not there', async (words) => {
    expect(await resource(`${words} ${SALES}`)).toEqual({
      code: 1,
      out: '',
      err: `latchkey: there is no resource "${SALES}"; latchkey resource list shows them\n`,
    })
  })
})

describe('latchkey resource update', () => {
  beforeEach(() => resource(`add ${SALES} --name Sales --scope a --scope b --token-ttl 60`))

  it('changes what is said, and nothing else', async () => {
    const before = await stored()
    expect(await documentOf(`update ${SALES} --name Shop --token-format opaque`)).toMatchObject({ version: 2 })
    expect(await stored()).toEqual({ ...before, name: 'Shop', accessTokenFormat: 'opaque', version: 2 })
    expect(await resource(`update ${SALES} --name Sales`)).toEqual({ code: 0, out: `${SALES} is changed\n`, err: '' })
  })

  it('puts the scopes that are given in the place of the others, or changes single ones', async () => {
    expect((await documentOf(`update ${SALES} --scope c`))['scopes']).toEqual(['c'])
    expect((await documentOf(`update ${SALES} --add-scope d --add-scope c`))['scopes']).toEqual(['c', 'd'])
    expect((await documentOf(`update ${SALES} --remove-scope c`))['scopes']).toEqual(['d'])
    expect(await resource(`update ${SALES} --remove-scope c`)).toMatchObject({
      code: 1,
      err: 'latchkey: the scope "c" does not belong to the resource\n',
    })
  })

  it('takes back what a resource need not have', async () => {
    await resource(`update ${SALES} --unset resource_name --unset access_token_ttl --unset scopes`)
    expect(await stored()).toEqual({ ...defineResource({ identifier: SALES }), version: 2 })
  })

  it('keeps what somebody else writes at the same time', async () => {
    const { resources } = storage.adapter
    if (resources === undefined) throw new Error('there are no resources')
    const { replace } = resources
    let others = 2
    const disturbed = await keep({
      resources: {
        ...resources,
        async replace(next, version) {
          const there = await resources.find(SALES)
          if (there && others-- > 0) await replace({ ...there, scopes: [`s${others}`] }, version)
          return replace(next, version)
        },
      },
    })
    const { code } = await resource(`update ${SALES} --name Shop`, { environment: disturbed.environment })
    await disturbed.end()
    expect(code).toBe(0)
    expect(await stored()).toMatchObject({ name: 'Shop', scopes: ['s0'], version: 4 })
  })
})

describe('latchkey resource remove', () => {
  beforeEach(() => resource(`add ${SALES}`))

  it('removes a resource when it is meant, and says what becomes of its tokens', async () => {
    expect(await resource(`remove ${SALES} --yes`)).toEqual({
      code: 0,
      out: `${SALES} is removed\n`,
      err: expect.stringMatching(/^Tokens for it that are out stay active/),
    })
    expect(await stored()).toBeUndefined()
  })

  it('asks at a terminal whether it is meant, and takes anything but a yes for a no', async () => {
    const no = await resource(`remove ${SALES}`, { terminal: true, input: '\n' })
    expect(no).toMatchObject({ code: 1, err: expect.stringMatching(/^Remove the resource .*\[y\/N\] /) })
    expect(await stored()).toBeDefined()
    expect(await resource(`remove ${SALES}`, { terminal: true, input: 'y\n' })).toMatchObject({ code: 0 })
    expect(await stored()).toBeUndefined()
  })
})

describe('latchkey client, of resources that a client holds', () => {
  const client = (words: string) => latchkey(['client', ...words.split(' ')], { environment: storage.environment })
  const UNREGISTERED = 'urn:example:a is not registered yet: latchkey resource add urn:example:a does so.\n'

  it('says which of them nobody has registered, and holds them all the same', async () => {
    await resource(`add ${SALES}`)
    const added = await client(`add reports --resource ${SALES} --resource urn:example:a`)
    expect(added).toMatchObject({ code: 0, err: expect.stringMatching(/^A secret can be .*\nThe secret .*\n/) })
    expect(added.err.endsWith(UNREGISTERED)).toBe(true)
    expect(added.err).not.toContain(SALES)
    expect((await storage.adapter.clients?.find('reports'))?.resources).toEqual([SALES, 'urn:example:a'])
    expect(await client(`update reports --resource ${SALES}`)).toMatchObject({ code: 0, err: '' })
    expect(await client('update reports --resource urn:example:a')).toMatchObject({ code: 0, err: UNREGISTERED })
    expect(await client('update reports --name x')).toMatchObject({ code: 0, err: '' })
    expect(await client('update reports --resource urn:example:a --json')).toMatchObject({ code: 0, err: '' })
  })

  it('says so where there is no place for resources', async () => {
    const without = await keep({ resources: undefined as never })
    const { code, err } = await latchkey(['client', 'add', 'reports', '--resource', 'urn:example:a'], {
      environment: without.environment,
    })
    await without.end()
    expect([code, err.endsWith(UNREGISTERED)]).toEqual([0, true])
  })
})

describe('where resources are kept', () => {
  it('refuses a memory that ends with the command, and says why', async () => {
    const { code, out, err } = await resource('list', { environment: {} })
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^latchkey: LATCHKEY_STORAGE keeps resources in the memory .*LATCHKEY_CLIENTS_FILE\n$/)
  })

  it('refuses a storage that has no place for them', async () => {
    const without = await keep({ resources: undefined as never })
    const { code, err } = await resource('list', { environment: without.environment })
    await without.end()
    expect([code, err]).toEqual([1, expect.stringMatching(/^latchkey: LATCHKEY_STORAGE.*"resources"/)])
  })

  it('tells in one line of a storage that fails', async () => {
    const resources = { ...storage.adapter.resources, list: () => Promise.reject(new Error('it\n  is away')) }
    const away = await keep({ resources: resources as never })
    const ran = await resource('list', { environment: away.environment })
    await away.end()
    expect(ran).toEqual({ code: 1, out: '', err: 'latchkey: it is away\n' })
  })
})
