import { describe, expect, it } from 'vitest'
import { CLIENT_ID_PATTERN, type ClientDefinition, defineClient } from '../../src/domain/client.ts'
import type { Credential } from '../../src/domain/credential.ts'
import { CHOSEN, CHOSEN_WITH_PERCENT, credentialOf, REPORTS, STRANGER } from '../test-server.ts'

const chosen = (id: string, more: object = {}): Credential => ({ kind: 'secret', id, hash: CHOSEN.hash, ...more })
const generated = credentialOf(REPORTS)

describe('defineClient', () => {
  it('makes a client of an id alone, with everything else at its default', () => {
    expect(defineClient({ id: 'reports' })).toEqual({
      id: 'reports',
      enabled: true,
      credentials: [],
      scopes: [],
      scopePolicy: 'strict',
      introspect: 'own',
      resourceServerFor: [],
      grantTypes: ['client_credentials'],
      tokensValidFrom: 0,
      version: 1,
    })
  })

  it('keeps what is given, and survives JSON', () => {
    const definition = {
      id: 'reports',
      name: 'Nightly reports',
      enabled: false,
      credentials: [{ ...generated, label: 'since May', origin: 'file', notBefore: 0, expiresAt: 9 }, chosen('old')],
      scopes: [{ name: 'read', enabled: false }],
      defaultScopes: ['read'],
      scopePolicy: 'reduce',
      introspect: 'any',
      resourceServerFor: ['https://api.example.com'],
      grantTypes: [],
      tokenEndpointAuthMethod: 'client_secret_post',
      accessTokenLifetimeSeconds: 60,
      accessTokenFormat: 'jwt' as const,
      claims: { tenant: 'acme', limits: [1, { a: null }] },
      tokensValidFrom: 1_800_000_000,
      version: 7,
    } as const satisfies ClientDefinition
    const client = defineClient(definition)
    expect(client).toEqual(definition)
    expect(JSON.parse(JSON.stringify(client))).toEqual(client)
  })

  it('takes scopes as a map too, under any name that is a scope', () => {
    const scopes = JSON.parse('{"read":true,"__proto__":false,"constructor":true}') as Record<string, boolean>
    expect(defineClient({ id: 'reports', scopes }).scopes).toEqual([
      { name: 'read', enabled: true },
      { name: '__proto__', enabled: false },
      { name: 'constructor', enabled: true },
    ])
  })

  it('takes a member that is undefined for one that is not given', () => {
    const definition = { id: 'reports', enabled: undefined, scopes: undefined, grantTypes: undefined }
    expect(defineClient(definition as unknown as ClientDefinition)).toEqual(defineClient({ id: 'reports' }))
  })

  it.each(['a', 'A-Z_0.9~', 'https://client.example.com:443/a@b', '__proto__', 'constructor', 'x'.repeat(255)])(
    'takes the id %j',
    (id) => {
      expect(defineClient({ id }).id).toBe(id)
      expect(CLIENT_ID_PATTERN.test(id)).toBe(true)
    },
  )

  it.each(['', 'a b', 'a%20b', 'a+b', 'ä', 'a\n', '\0', 'x'.repeat(256), 7, null, undefined, {}])(
    'refuses the id %j',
    (id) => {
      expect(() => defineClient({ id } as ClientDefinition)).toThrow(/^client ".*": id must match/s)
    },
  )

  const wrong: readonly [string, object, string][] = [
    ['a name that is no text', { name: 7 }, 'name must'],
    ['a name of 1025 characters', { name: 'n'.repeat(1025) }, 'name must'],
    ['a name with a NUL', { name: 'a\0' }, 'name must'],
    ['a name with half a character', { name: '\ud800' }, 'name must'],
    ['enabled as a text', { enabled: 'false' }, 'enabled must'],
    ['enabled as null', { enabled: null }, 'enabled must'],
    ['credentials that are no list', { credentials: {} }, 'credentials must'],
    ['credentials as null', { credentials: null }, 'credentials must'],
    ['a credential that is null', { credentials: [null] }, 'credentials must'],
    ['a credential of another kind', { credentials: [{ ...generated, kind: 'key' }] }, 'kind must'],
    ['a credential without an id', { credentials: [{ ...generated, id: undefined }] }, "a credential's id must"],
    ['a credential’s id with a space', { credentials: [chosen('a b')] }, "a credential's id must"],
    ['a credential’s id of 65 characters', { credentials: [chosen('c'.repeat(65))] }, "a credential's id must"],
    ['two credentials of one id', { credentials: [generated, generated] }, 'two credentials have the id'],
    ['an unknown origin', { credentials: [chosen('a', { origin: 'moon' })] }, 'origin must be "file"'],
    ['a label that is no text', { credentials: [chosen('a', { label: 7 })] }, 'label must'],
    ['no hash', { credentials: [chosen('a', { hash: undefined })] }, 'hash must'],
    ['a secret in clear for a hash', { credentials: [chosen('a', { hash: 'hunter2' })] }, 'hash must'],
    ['a cheaper scrypt', { credentials: [chosen('a', { hash: CHOSEN.hash.replace('15', '14') })] }, 'hash must'],
    ['a hash and something after it', { credentials: [chosen('a', { hash: `${CHOSEN.hash}$x` })] }, 'hash must'],
    ['a hash with a line feed', { credentials: [chosen('a', { hash: `${CHOSEN.hash}\n` })] }, 'hash must'],
    [
      'the hash of another credential',
      { credentials: [{ ...generated, hash: STRANGER.hash }] },
      'its hash belongs to another credential',
    ],
    ['a start as a date', { credentials: [chosen('a', { notBefore: '2030-01-01' })] }, 'notBefore must'],
    ['a start before 1970', { credentials: [chosen('a', { notBefore: -1 })] }, 'notBefore must'],
    ['an end with a fraction', { credentials: [chosen('a', { expiresAt: 1.5 })] }, 'expiresAt must'],
    ['an end of null', { credentials: [chosen('a', { expiresAt: null })] }, 'expiresAt must'],
    ['scopes that are a text', { scopes: 'read write' }, 'scopes must'],
    ['scopes as null', { scopes: null }, 'scopes must'],
    ['scopes that are texts', { scopes: ['read'] }, 'scopes must'],
    ['a scope that is no word', { scopes: { 'a b': true } }, 'a scope must be one word'],
    ['an empty scope', { scopes: { '': true } }, 'a scope must be one word'],
    ['a scope that is neither enabled nor not', { scopes: { read: 'yes' } }, 'scope "read" must be enabled'],
    [
      'a scope that is given twice',
      {
        scopes: [
          { name: 'read', enabled: true },
          { name: 'read', enabled: false },
        ],
      },
      'scope "read" is given twice',
    ],
    ['default scopes that are a text', { scopes: { r: true }, defaultScopes: 'r' }, 'defaultScopes must'],
    ['default scopes as null', { defaultScopes: null }, 'defaultScopes must'],
    ['a default scope that is not held', { defaultScopes: ['read'] }, 'default scope "read" is not among'],
    ['a default scope twice', { scopes: { r: true }, defaultScopes: ['r', 'r'] }, 'default scope "r" is given twice'],
    ['another scope policy', { scopePolicy: 'loose' }, 'scopePolicy must'],
    ['another right to introspect', { introspect: 'all' }, 'introspect must'],
    ['audiences that are a text', { resourceServerFor: 'https://api' }, 'resourceServerFor must'],
    ['an audience that is no text', { resourceServerFor: [7] }, 'resourceServerFor must'],
    ['grant types that are a text', { grantTypes: 'client_credentials' }, 'grantTypes must'],
    ['grant types as null', { grantTypes: null }, 'grantTypes must'],
    ['a method that is none', { tokenEndpointAuthMethod: 'none' }, 'tokenEndpointAuthMethod must'],
    ['a method that is inherited', { tokenEndpointAuthMethod: 'constructor' }, 'tokenEndpointAuthMethod must'],
    ['a format that there is not', { accessTokenFormat: 'paseto' }, 'accessTokenFormat must be one of opaque, jwt'],
    ['claims in a list', { claims: ['a'] }, 'claims must be a JSON object'],
    ['claims that are no JSON', { claims: { since: new Date(0) } }, 'claims must be a JSON object'],
    ['claims with half a character', { claims: { a: [{ b: '\ud800' }] } }, 'claims must be a JSON object'],
    ['claims with a NUL in a name', { claims: { a: { 'b\0': 1 } } }, 'claims must be a JSON object'],
    ['claims that are too long', { claims: { a: 'x'.repeat(2048) } }, 'claims must be at most 2048 characters'],
    ['a claim that the server sets', { claims: { sub: 'root' } }, 'claims must not hold "sub": the server sets it'],
    ['a lifetime of 0', { accessTokenLifetimeSeconds: 0 }, 'accessTokenLifetimeSeconds must'],
    ['a lifetime as a text', { accessTokenLifetimeSeconds: '60' }, 'accessTokenLifetimeSeconds must'],
    [
      'an endless lifetime',
      { accessTokenLifetimeSeconds: Number.POSITIVE_INFINITY },
      'accessTokenLifetimeSeconds must',
    ],
    ['tokensValidFrom as a fraction', { tokensValidFrom: 0.5 }, 'tokensValidFrom must'],
    ['tokensValidFrom that is no number', { tokensValidFrom: Number.NaN }, 'tokensValidFrom must'],
    ['version 0', { version: 0 }, 'version must'],
  ]
  it.each(wrong)('refuses %s, and names the client and the member', (_, more, problem) => {
    expect(() => defineClient({ id: 'reports', ...more } as ClientDefinition)).toThrow(TypeError)
    expect(() => defineClient({ id: 'reports', ...more } as ClientDefinition)).toThrow(problem)
    expect(() => defineClient({ id: 'reports', ...more } as ClientDefinition)).toThrow('client "reports": ')
  })

  it('repeats neither a hash nor a secret in what it complains of, nor what would steer a terminal', () => {
    const messages = [
      { id: 'reports', credentials: [chosen('a', { hash: 'hunter2' })] },
      { id: 'reports', credentials: [chosen('a', { hash: `${CHOSEN.hash}x` })] },
      { id: '\u001b[31mred\n', scopes: {} },
      { id: 'reports', scopes: { '\u001b[31m': true } },
    ].map((definition) => {
      try {
        return JSON.stringify(defineClient(definition as ClientDefinition))
      } catch (error) {
        return (error as Error).message
      }
    })
    expect(messages.join()).not.toMatch(/hunter2|fTFtPPqR|[^\x20-\x7e§]/)
  })
})

describe('secrets that a person chose', () => {
  const spans = (...times: [number | undefined, number | undefined][]) => ({
    id: 'reports',
    credentials: times.map(([notBefore, expiresAt], index) => ({
      ...chosen(`chosen-${index}`),
      ...(notBefore !== undefined && { notBefore }),
      ...(expiresAt !== undefined && { expiresAt }),
    })),
  })

  it.each([
    ['one after the other', spans([undefined, 100], [100, undefined])],
    ['one after the other, listed backwards', spans([100, 200], [undefined, 100])],
    ['three in a row', spans([200, undefined], [0, 100], [100, 200])],
    [
      'one beside any number of generated ones',
      { id: 'reports', credentials: [chosen('a'), generated, credentialOf(STRANGER)] },
    ],
  ])('may be live %s', (_, definition) => {
    expect(() => defineClient(definition)).not.toThrow()
  })

  it.each([
    ['two without an end', spans([undefined, undefined], [undefined, undefined])],
    ['one that begins a second before the other ends', spans([undefined, 100], [99, undefined])],
    ['one within the other', spans([0, 1000], [400, 500])],
    ['one within another, listed backwards', spans([400, 500], [0, 1000])],
    ['the first and the last of three', spans([0, 1000], [1000, 1100], [900, 950])],
    [
      'two secrets that differ',
      { id: 'reports', credentials: [chosen('a'), { ...chosen('b'), hash: CHOSEN_WITH_PERCENT.hash }] },
    ],
  ])('may not be live at the same time: %s', (_, definition) => {
    expect(() => defineClient(definition)).toThrow('at most one secret that a person chose may be live at a time')
  })
})
