import { describe, expect, it } from 'vitest'
import { type AccessTokenRecord, tokenIdOf } from '../src/index.ts'
import { createTestServer, NOW, posted, REPORTS, refusalOf, reports, STRANGER } from './test-server.ts'

const PAIR = { clientId: 'reports', clientSecret: REPORTS.secret }

describe('verifyClient', () => {
  it('says who it is, by which credential, and with which scopes', async () => {
    const { server } = createTestServer()
    const verified = await server.verifyClient({ ...PAIR, scope: 'write' })
    expect(verified).toEqual({
      client: reports(),
      resources: [],
      credential: reports().credentials[0],
      scopes: ['write'],
    })
  })

  it.each([undefined, ''])('gives the default scopes when it is asked for %j', async (scope) => {
    const { server } = createTestServer()
    expect((await server.verifyClient({ ...PAIR, scope })).scopes).toEqual(['read', 'write'])
  })

  it.each([
    ['a wrong secret', { clientSecret: STRANGER.secret }, '401 invalid_client'],
    ['an unknown client', { clientId: 'nobody' }, '401 invalid_client'],
    ['an id that cannot be', { clientId: 'a\0' }, '401 invalid_client'],
    ['a secret that cannot be', { clientSecret: `${REPORTS.secret}\0` }, '401 invalid_client'],
    ['an empty secret', { clientSecret: '' }, '401 invalid_client'],
    ['a wrong secret and a wrong scope', { clientSecret: STRANGER.secret, scope: 'other' }, '401 invalid_client'],
    ['a scope that it does not hold', { scope: 'other' }, '400 invalid_scope'],
    ['a scope that it holds disabled', { scope: 'erase' }, '400 invalid_scope'],
    ['a scope that is none', { scope: ' read' }, '400 invalid_scope'],
  ])('refuses %s', async (_, more, refusal) => {
    const { server } = createTestServer()
    expect(await refusalOf(server.verifyClient({ ...PAIR, ...more }))).toBe(refusal)
  })

  it('refuses a client that may not act for itself', async () => {
    const { server } = createTestServer([reports({ grantTypes: ['urn:example:other'] })])
    expect(await refusalOf(server.verifyClient(PAIR))).toBe('400 unauthorized_client')
  })

  it('knows no method, so a client that is registered for one passes', async () => {
    const { server } = createTestServer([reports({ tokenEndpointAuthMethod: 'client_secret_post' })])
    await expect(server.verifyClient(PAIR)).resolves.toMatchObject({ client: { id: 'reports' } })
  })

  it('tells of a failure in an event, like an endpoint does', async () => {
    const test = createTestServer()
    await refusalOf(test.server.verifyClient({ ...PAIR, clientSecret: STRANGER.secret }))
    expect(await test.events()).toMatchObject([{ type: 'client_authentication_failed', clientId: 'reports' }])
  })
})

describe('createToken', () => {
  it('makes a token and remembers nothing of it', async () => {
    const test = createTestServer()
    const token = await test.server.createToken({ client: reports(), scopes: ['read'] })
    expect(token.record).toMatchObject({ clientId: 'reports', subject: 'reports', scopes: ['read'], issuedAt: NOW })
    expect([test.tokens.size, test.asked]).toEqual([0, []])
    expect(await test.server.verifyAccessToken({ token: token.value })).toEqual({ ok: false, error: 'invalid_token' })
  })

  it('issues in the name of another, when the calling program vouches for it', async () => {
    const { server } = createTestServer()
    const { record } = await server.createToken({
      client: reports(),
      scopes: [],
      subject: 'user:7',
      credentialId: 'c-1',
    })
    expect(record).toMatchObject({ clientId: 'reports', subject: 'user:7', credentialId: 'c-1' })
  })

  it.each([{ subject: '' }, { subject: 'a\0' }, { scopes: ['read write'] }])(
    'fails at %j, which no token can say, as it fails when a hook does',
    async (more) => {
      const { server } = createTestServer()
      expect(await refusalOf(server.createToken({ client: reports(), scopes: [], ...more }))).toBe('500 server_error')
    },
  )
})

describe('storeToken', () => {
  it('makes a token active, also one that another program made', async () => {
    const { server } = createTestServer()
    const value = (await server.createToken({ client: reports(), scopes: ['read'] })).value
    const record: AccessTokenRecord = {
      id: tokenIdOf(value),
      clientId: 'reports',
      subject: 'user:7',
      scopes: ['anything'],
      audience: ['https://api.example.com'],
      issuedAt: NOW,
      expiresAt: NOW + 5,
    }
    await server.storeToken({ record })
    expect(await server.verifyAccessToken({ token: value, scopes: ['anything'] })).toMatchObject({ ok: true, record })
  })
})

describe('the four verbs one after the other', () => {
  it('come to what the token endpoint does', async () => {
    const { server } = createTestServer()
    const { client, credential, scopes } = await server.verifyClient({ ...PAIR, scope: 'read' })
    const token = await server.createToken({ client, scopes, credentialId: credential.id })
    await server.storeToken(token)
    expect(await server.verifyAccessToken({ token: token.value, scopes: ['read'] })).toMatchObject({ ok: true })
  })

  it('work with any one of them replaced', async () => {
    const { server } = createTestServer()
    // Somebody else verifies the client, a directory for one.
    const elsewhere = { client: reports(), scopes: ['read'] }
    const first = await server.createToken(elsewhere)
    await server.storeToken(first)
    // Somebody else remembers the token.
    const kept = new Map([[first.value, first.record]])
    expect(kept.get(first.value)?.scopes).toEqual(['read'])
    // Somebody else judges it: the record says all that there is to know.
    expect(NOW < first.record.expiresAt && first.record.scopes.includes('read')).toBe(true)
    expect(await server.verifyAccessToken({ token: first.value })).toMatchObject({ ok: true })
  })

  it('are functions that need no object before them', async () => {
    const { verifyClient, createToken, storeToken, verifyAccessToken } = createTestServer().server
    const { client, scopes } = await verifyClient(PAIR)
    const token = await createToken({ client, scopes })
    await storeToken(token)
    expect(await verifyAccessToken({ token: token.value })).toMatchObject({ ok: true })
  })
})

it('tells the operator nothing of a token but its id', async () => {
  const test = createTestServer()
  const { value } = await test.server.createToken({ client: reports(), scopes: [] })
  await test.server.token({
    ...posted({ grant_type: 'client_credentials', client_id: 'reports', client_secret: REPORTS.secret }),
  })
  const told = JSON.stringify(await test.events())
  expect(told).not.toContain(value)
  expect(told).not.toContain(REPORTS.secret)
  expect(told).not.toContain('lk_')
})
