import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import type { JsonObject, SharedSecretAlgorithm } from '../../src/index.ts'
import { createJwtTestServer, type JwtTestServer, partsOf } from '../jwt-server.ts'
import { KEY_PAIR_ALGORITHMS } from '../signing-keys.ts'
import {
  asReports,
  createTestServer,
  GRANT,
  ISSUER,
  NOW,
  nextTurn,
  refusalOf,
  reports,
  type TestServer,
  tokenOf,
} from '../test-server.ts'

const publishedBy = ({ server }: TestServer): JSONWebKeySet =>
  JSON.parse(server.jwks?.({ ifNoneMatch: undefined }).body ?? '{"keys":[]}') as JSONWebKeySet

const read = async (test: JwtTestServer, token: string) =>
  jwtVerify(token, createLocalJWKSet(publishedBy(test)), {
    typ: 'at+jwt',
    issuer: ISSUER,
    audience: ISSUER,
    currentDate: new Date(test.clock.seconds * 1000),
  })

describe('the header of a token', () => {
  it.each(KEY_PAIR_ALGORITHMS)(
    'RFC 9068 §2.1 · F1 · has the type at+jwt, the algorithm %s and the kid of a published key',
    async (alg) => {
      const test = await createJwtTestServer(undefined, {}, { alg })
      const token = await tokenOf(test)
      const { protectedHeader } = await read(test, token)
      expect(protectedHeader).toEqual({ alg, typ: 'at+jwt', kid: publishedBy(test).keys[0]?.kid })
      expect(await test.server.introspect(asReports({ token }))).toMatchObject({ active: true })
    },
  )

  it.each([
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ] as const)(
    'RFC 9068 §2.1 · F1 · says %s where a secret is shared, which is published nowhere',
    async (alg: SharedSecretAlgorithm, bytes) => {
      const secret = 'x'.repeat(bytes)
      const test = createTestServer(undefined, { accessTokenFormat: 'jwt', jwtSecret: { secret, alg } })
      const token = await tokenOf(test)
      const { protectedHeader, payload } = await jwtVerify(token, Buffer.from(secret), {
        typ: 'at+jwt',
        currentDate: new Date(NOW * 1000),
      })
      expect(protectedHeader).toEqual({ alg, typ: 'at+jwt' })
      expect(payload['client_id']).toBe('reports')
      expect(await test.server.introspect(asReports({ token }))).toMatchObject({ active: true })
      expect(test.server.jwks).toBeUndefined()
      expect(test.server.metadata).not.toHaveProperty('jwks_uri')
      expect(() => createTestServer([], { jwtSecret: { secret: 'x'.repeat(bytes - 1), alg } })).toThrow(
        `jwtSecret.secret must have at least ${bytes} bytes for ${alg}`,
      )
    },
  )
})

describe('the claims of a token', () => {
  it('RFC 9068 §2.2 · F2, F3, F5 · say whose it is, for whom, and for how long', async () => {
    const test = await createJwtTestServer()
    const token = await tokenOf(test, 'write read')
    const { payload } = await read(test, token)
    expect(payload).toEqual({
      iss: ISSUER,
      sub: 'reports',
      aud: ISSUER,
      exp: NOW + 3600,
      iat: NOW,
      jti: expect.stringMatching(/^[\w-]{43}$/) as unknown,
      client_id: 'reports',
      scope: 'write read',
    })
    const again = partsOf(await tokenOf(test)).payload['jti']
    expect(again).not.toBe(payload.jti)
    expect(test.tokens.size).toBe(0)
  })

  it('RFC 9068 §2.2.3 · F3 · hold no scope where none was granted', async () => {
    const test = await createJwtTestServer([reports({ scopes: {} })])
    expect(partsOf(await tokenOf(test)).payload).not.toHaveProperty('scope')
  })

  it('RFC 9068 §3 · F5 · name the audience that is configured', async () => {
    const test = await createJwtTestServer(undefined, { defaultAudience: 'https://api.example.com' })
    expect(partsOf(await tokenOf(test)).payload['aud']).toBe('https://api.example.com')
  })

  it('RFC 8707 §2 · F6 · take no audience from a request', async () => {
    const test = await createJwtTestServer()
    for (const name of ['audience', 'resource'])
      expect(await refusalOf(test.server.token(asReports({ ...GRANT, [name]: 'https://victim.example' })))).toBe(
        '400 invalid_target',
      )
    for (const name of ['aud', 'sub', 'iss']) {
      const { access_token: token } = await test.server.token(asReports({ ...GRANT, [name]: 'https://victim.example' }))
      expect(JSON.stringify(partsOf(token))).not.toContain('victim')
    }
  })

  const PROTECTED = {
    iss: 'https://evil.example',
    sub: 'root',
    aud: 'https://victim.example',
    exp: 9_999_999_999,
    nbf: 0,
    iat: 0,
    jti: 'x',
    client_id: 'root',
    scope: 'admin',
    cnf: { jkt: 'x' },
    act: { sub: 'root' },
    may_act: { sub: 'root' },
  } as const

  it('RFC 9068 §5 · F7 · are the server’s own, whatever a hook says, and an event tells of it', async () => {
    const test = await createJwtTestServer(undefined, { claims: () => ({ ...PROTECTED, tenant: 'acme' }) })
    const { payload } = await read(test, await tokenOf(test, 'read'))
    expect(payload).toMatchObject({
      iss: ISSUER,
      sub: 'reports',
      aud: ISSUER,
      client_id: 'reports',
      scope: 'read',
      tenant: 'acme',
    })
    expect(Object.keys(payload).sort()).toEqual([
      'aud',
      'client_id',
      'exp',
      'iat',
      'iss',
      'jti',
      'scope',
      'sub',
      'tenant',
    ])
    expect(await test.events()).toContainEqual(
      expect.objectContaining({ type: 'claims_ignored', names: Object.keys(PROTECTED) }),
    )
  })

  it.each(Object.entries(PROTECTED))(
    'RFC 9068 §5 · F7 · are the server’s own: a client cannot be registered with %s among its claims',
    (name, value) => {
      expect(() => reports({ claims: { [name]: value } as JsonObject })).toThrow(
        `claims must not hold "${name}": the server sets it`,
      )
    },
  )

  it('RFC 9068 §5 · F7 · hold those of the client and those of the hook, of which the hook’s go first', async () => {
    const claims: JsonObject = { tenant: 'acme', plan: 'small', region: { name: 'eu' } }
    const test = await createJwtTestServer([reports({ claims })], { claims: () => ({ plan: 'large', extra: [1] }) })
    const token = await tokenOf(test)
    const added = { tenant: 'acme', plan: 'large', region: { name: 'eu' }, extra: [1] }
    expect((await read(test, token)).payload).toMatchObject(added)
    expect(await test.server.introspect(asReports({ token }))).toMatchObject({ active: true, sub: 'reports', ...added })
  })

  it('RFC 9068 §5 · F7 · hold a subject that is not the client only where an embedding program says so', async () => {
    const test = await createJwtTestServer()
    const token = await test.server.createToken({ client: reports(), scopes: ['read'], subject: 'user-7' })
    await test.server.storeToken(token)
    expect(test.tokens.size).toBe(0)
    expect((await read(test, token.value)).payload).toMatchObject({ sub: 'user-7', client_id: 'reports' })
    expect(await test.server.introspect(asReports({ token: token.value }))).toMatchObject({
      active: true,
      sub: 'user-7',
    })
  })
})

describe('a token that cannot be made', () => {
  const reasonsOf = async (test: TestServer): Promise<unknown> => {
    const refusal = await refusalOf(test.server.token(asReports(GRANT)))
    await nextTurn()
    const events = await test.events()
    return [refusal, events.map((event) => ('reason' in event ? event.reason : event.type)).join()]
  }

  it('RFC 9068 §2.2 · F2 · is an error of the server where it would be too long for a header', async () => {
    const test = await createJwtTestServer(undefined, { claims: () => ({ long: 'x'.repeat(7000) }) })
    expect(await reasonsOf(test)).toEqual([
      '500 server_error',
      expect.stringMatching(/^the token would have \d+ characters, and 8192 are the most$/),
    ])
  })

  it('RFC 9700 §2.6 · F9 · is an error of the server where it would outlive its key', async () => {
    const client = reports({ accessTokenLifetimeSeconds: 101 })
    expect(await reasonsOf(await createJwtTestServer([client], {}, { longestTokenSeconds: 100 }))).toEqual([
      '500 server_error',
      'a self-contained token may live 100 seconds, and this one is to live longer',
    ])
    const shorter = reports({ accessTokenLifetimeSeconds: 100 })
    const test = await createJwtTestServer([shorter], {}, { longestTokenSeconds: 100 })
    expect(await tokenOf(test)).toMatch(/^eyJ/)
  })

  it('RFC 9068 §2.1 · F1 · is an error of the server where a client is to have it and there is no key', async () => {
    expect(await reasonsOf(createTestServer([reports({ accessTokenFormat: 'jwt' })]))).toEqual([
      '500 server_error',
      'the token is to be self-contained, and there is no key to sign it with',
    ])
  })

  it('RFC 9068 §2.1 · F1 · is nobody’s fault but the signer’s where that is away: 503', async () => {
    const { ring } = await createJwtTestServer()
    const signingKey = () => ({ ...ring.signingKey(NOW), sign: () => Promise.reject(new Error('the KMS is away')) })
    const test = createTestServer(undefined, { accessTokenFormat: 'jwt', signer: { ...ring, signingKey } })
    expect(await reasonsOf(test)).toEqual(['503 temporarily_unavailable', 'Signer.sign failed: the KMS is away'])
  })
})

describe('the format of a token', () => {
  it('RFC 9068 §2.1 · F1 · is the client’s before it is the server’s', async () => {
    const { ring } = await createJwtTestServer()
    const clients = (format: 'jwt' | 'opaque') => [reports({ accessTokenFormat: format })]
    expect(await tokenOf(createTestServer(clients('jwt'), { signer: ring }))).toMatch(/^eyJ/)
    expect(await tokenOf(createTestServer(clients('opaque'), { signer: ring, accessTokenFormat: 'jwt' }))).toMatch(
      /^lk_at_/,
    )
    expect(await tokenOf(createTestServer(undefined, { signer: ring }))).toMatch(/^lk_at_/)
  })

  it('RFC 8725 §3.1 · F11 · is signed by one key with one algorithm, and Ed25519 goes by both of its names', async () => {
    for (const alg of ['EdDSA', 'Ed25519'] as const) {
      const test = await createJwtTestServer(undefined, {}, { alg })
      expect(publishedBy(test).keys).toMatchObject([{ kty: 'OKP', crv: 'Ed25519', alg }])
      expect(partsOf(await tokenOf(test)).header).toMatchObject({ alg })
    }
  })
})
