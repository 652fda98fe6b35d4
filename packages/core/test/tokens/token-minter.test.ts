import { describe, expect, it } from 'vitest'
import type { DomainEvent } from '../../src/domain/event.ts'
import type { OAuthError } from '../../src/errors.ts'
import { tokenIdOf } from '../../src/tokens/opaque-token.ts'
import { createTokenMinter, type MintRequest, type TokenMinterDeps } from '../../src/tokens/token-minter.ts'
import { NOW, reports } from '../test-server.ts'

const request: MintRequest = { client: reports(), subject: 'reports', scopes: ['read', 'write'], requestId: 'r-1' }

function createMinter(more: Partial<TokenMinterDeps> = {}) {
  const events: DomainEvent[] = []
  const minter = createTokenMinter({
    clock: { now: () => NOW },
    lifetime: 3600,
    format: 'opaque',
    jwts: undefined,
    defaultAudience: 'https://api.example.com',
    claims: undefined,
    emit: (event) => events.push(event),
    ...more,
  })
  const mint = async (asked: Partial<MintRequest> = {}) => minter.mint({ ...request, ...asked })
  const refusal = (asked: Partial<MintRequest> = {}) =>
    mint(asked).then(
      () => 'minted',
      (error: unknown) => `${(error as OAuthError).code}: ${(error as OAuthError).reason}`,
    )
  return { mint, refusal, events }
}

describe('the minter', () => {
  it('makes a value and a record that knows it by its hash alone', async () => {
    const { value, record } = await createMinter().mint({ credentialId: 'c-1' })
    expect(record).toEqual({
      id: tokenIdOf(value),
      clientId: 'reports',
      credentialId: 'c-1',
      subject: 'reports',
      scopes: ['read', 'write'],
      audience: ['https://api.example.com'],
      issuedAt: NOW,
      expiresAt: NOW + 3600,
    })
    expect(JSON.stringify(record)).not.toContain(value)
    expect(JSON.parse(JSON.stringify(record))).toEqual(record)
  })

  it('leaves out the members that a token does not have', async () => {
    const { record } = await createMinter({ claims: () => undefined }).mint()
    expect(Object.keys(record)).not.toContain('credentialId')
    expect(Object.keys(record)).not.toContain('claims')
  })

  it.each([
    ['the server’s lifetime', {}, undefined, 3600],
    [
      'what a function of client and scopes says',
      {
        lifetime: ({ client, scopes }: { client: { id: string }; scopes: readonly string[] }) =>
          client.id.length + scopes.length,
      },
      undefined,
      9,
    ],
    ['the client’s own lifetime over both', { lifetime: () => 1 }, 60, 60],
  ])('gives a token %s', async (_, deps, accessTokenLifetimeSeconds, seconds) => {
    const client = reports(accessTokenLifetimeSeconds === undefined ? {} : { accessTokenLifetimeSeconds })
    const { record } = await createMinter(deps).mint({ client })
    expect(record.expiresAt - record.issuedAt).toBe(seconds)
  })

  const NO_NUMBER = 'server_error: accessTokenLifetime returned what is not a whole number of seconds above 0'
  it.each([
    [0, NO_NUMBER],
    [-1, NO_NUMBER],
    [1.5, NO_NUMBER],
    [Number.NaN, NO_NUMBER],
    [Number.POSITIVE_INFINITY, NO_NUMBER],
    ['60', NO_NUMBER],
    [undefined, NO_NUMBER],
    [Promise.resolve(60), NO_NUMBER],
  ])('fails when a function says that a token lives %j', async (answer, refusal) => {
    expect(await createMinter({ lifetime: () => answer as number }).refusal()).toBe(refusal)
  })

  it('fails when the function throws', async () => {
    const lifetime = () => {
      throw new Error('no idea')
    }
    expect(await createMinter({ lifetime }).refusal()).toBe('server_error: accessTokenLifetime threw: no idea')
  })

  it('asks for patience while the tokens of the client are void', async () => {
    const minting = (tokensValidFrom: number) => createMinter().mint({ client: reports({ tokensValidFrom }) })
    await expect(minting(NOW + 7)).rejects.toMatchObject({ code: 'temporarily_unavailable', retryAfterSeconds: 7 })
    await expect(minting(NOW)).resolves.toBeDefined()
  })

  const TEXTS = 'server_error: the subject and the id of the credential must be texts that every backend can keep'
  const WORDS = 'server_error: the scopes of a token must be words of printable ASCII (RFC 6749 §3.3)'
  it.each([
    ['an empty subject', { subject: '' }, TEXTS],
    ['a subject with a NUL', { subject: 'a\0' }, TEXTS],
    ['a subject with half a character', { subject: '\udc00' }, TEXTS],
    ['a subject of 1025 characters', { subject: 's'.repeat(1025) }, TEXTS],
    ['no subject', { subject: undefined }, TEXTS],
    ['a credential’s id with a NUL', { credentialId: '\0' }, TEXTS],
    ['a scope that would be read as two', { scopes: ['read write'] }, WORDS],
    ['an empty scope', { scopes: [''] }, WORDS],
    ['a scope that is no text', { scopes: [7] }, WORDS],
    ['scopes in a text', { scopes: 'read' }, WORDS],
    ['no scopes', { scopes: undefined }, WORDS],
    ['scopes of which one is missing', { scopes: Object.freeze(Object.assign([], { 1: 'read' })) }, WORDS],
  ])('makes no token of %s: a grant or a calling program asked for it', async (_, asked, refusal) => {
    expect(await createMinter().refusal(asked as unknown as Partial<MintRequest>)).toBe(refusal)
  })

  it('keeps the claims that a hook adds, and tells of those that it may not', async () => {
    const { mint, events } = createMinter({ claims: () => ({ tenant: 'a', sub: 'root', scope: 'admin' }) })
    expect((await mint()).record.claims).toEqual({ tenant: 'a' })
    expect(events).toEqual([
      { type: 'claims_ignored', at: NOW, requestId: 'r-1', clientId: 'reports', names: ['sub', 'scope'] },
    ])
  })

  it('makes the token of what was granted, whatever a hook does to what it sees', async () => {
    const tamper = (
      change: (given: { client: Record<string, unknown>; scopes: string[]; audience: string[] }) => void,
    ) =>
      createMinter({
        claims: (given) => {
          try {
            change(given as never)
          } catch {
            // Frozen: nothing was changed.
          }
          return {}
        },
      })
    const scopes = ['read']
    for (const { mint } of [
      tamper(({ scopes }) => scopes.push('admin')),
      tamper(({ audience }) => audience.push('https://other.example.com')),
      tamper(({ client }) => Object.assign(client, { id: 'root', accessTokenLifetimeSeconds: 9, tokensValidFrom: 0 })),
    ])
      for (let twice = 0; twice < 2; twice += 1)
        expect((await mint({ client: reports(), scopes })).record).toMatchObject({
          clientId: 'reports',
          scopes: ['read'],
          audience: ['https://api.example.com'],
          expiresAt: NOW + 3600,
        })
    expect(Object.isFrozen(scopes)).toBe(false)
  })
})
