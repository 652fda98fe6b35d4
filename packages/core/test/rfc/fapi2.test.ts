import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type {
  AuthorizationServerOptions,
  Client,
  ClientDefinition,
  EndpointRequest,
  SigningAlgorithm,
  TrustedIssuerCredential,
} from '../../src/index.ts'
import {
  clientFromRegistration,
  createSecretSeal,
  defineClient,
  FAPI2_ALGORITHMS,
  formOf,
  parseClientsFile,
  problemsUnderFapi2,
  SIGNING_ALGORITHMS,
} from '../../src/index.ts'
import {
  type AssertionChanges,
  type AssertionKey,
  asserting,
  assertionOf,
  encoded,
  makeAssertionKey,
} from '../client-assertions.ts'
import { certificateOf } from '../client-certificates.ts'
import { type ClientKey, makeClientKey, type ProofChanges, proofOf, replaysInSight } from '../dpop-proofs.ts'
import { createJwtTestServer, partsOf } from '../jwt-server.ts'
import { keySet, publishing } from '../published-documents.ts'
import { openRing } from '../signing-keys.ts'
import {
  basic,
  CHOSEN,
  createTestServer,
  GRANT,
  ISSUER,
  NOW,
  posted,
  REPORTS,
  refusalOf,
  reports,
  respond,
  STRANGER,
  type TestServer,
} from '../test-server.ts'

const TOKEN_ENDPOINT = `${ISSUER}/oauth2/token`

let key: AssertionKey
let proofKey: ClientKey
beforeAll(async () => {
  key = await makeAssertionKey('ES256', { kid: 'one' })
  proofKey = await makeClientKey()
})

const machine = (more: Partial<ClientDefinition> = {}): Client =>
  defineClient({
    id: 'machine',
    credentials: [{ kind: 'jwks', id: 'keys', keys: [key.jwk] }],
    scopes: { read: true },
    ...more,
  })

const CERTIFICATE = certificateOf({ dns: ['a.example'] })
const BOUND_TO_CERTIFICATE = { 'x5t#S256': createHash('sha256').update(CERTIFICATE.der).digest('base64url') }
const certified = (more: Partial<ClientDefinition> = {}): Client =>
  machine({ credentials: [{ kind: 'tls_client_auth', id: 'certificate', sanDns: 'a.example' }], ...more })

const profiled = (clients: readonly Client[] = [machine()], overrides: Partial<AuthorizationServerOptions> = {}) =>
  createTestServer(clients, { profile: 'fapi2', replays: replaysInSight(), mutualTls: {}, ...overrides })

/** A token request as the profile wants it, but for the changes. */
async function asked(
  changes: {
    readonly assertion?: AssertionChanges
    readonly proof?: ProofChanges
    readonly signedBy?: AssertionKey
  } = {},
  parameters: Readonly<Record<string, string>> = {},
): Promise<EndpointRequest> {
  const assertion = await assertionOf(changes.signedBy ?? key, changes.assertion)
  return { ...asserting(assertion, parameters), dpop: await proofOf(proofKey, changes.proof) }
}

async function reasonsOf(test: TestServer): Promise<readonly string[]> {
  return (await test.events()).flatMap((event) => ('reason' in event && event.reason ? [event.reason] : []))
}

describe('a client under FAPI 2.0', () => {
  it('FAPI 2.0 §5.3.2.1 · O1, O2 · gets a token by a key of its own, bound to the key of its proof', async () => {
    const { server } = profiled()
    const { access_token: token, token_type } = await server.token(await asked())
    expect(token_type).toBe('DPoP')
    expect(await server.introspect(asserting(await assertionOf(key), { token }))).toMatchObject({
      active: true,
      cnf: { jkt: proofKey.jkt },
    })
    await server.revoke(asserting(await assertionOf(key), { token }))
    expect(await server.introspect(asserting(await assertionOf(key), { token }))).toEqual({ active: false })
  })

  it.each(['named in it', 'signed by itself'])(
    'FAPI 2.0 §5.3.2.1 · O1, O2 · gets a token by its certificate, %s, bound to that certificate',
    async (way) => {
      const x5c = [Buffer.from(CERTIFICATE.der).toString('base64')] as const
      const itself = machine({
        tokenEndpointAuthMethod: 'self_signed_tls_client_auth',
        credentials: [{ kind: 'jwks', id: 'keys', keys: [{ ...key.jwk, x5c }] }],
      })
      const { server } = profiled([way === 'named in it' ? certified() : itself])
      const shown = { ...posted({ ...GRANT, client_id: 'machine' }), clientCertificate: CERTIFICATE }
      const { access_token: token } = await server.token(shown)
      const about = { ...posted({ client_id: 'machine', token }), clientCertificate: CERTIFICATE }
      expect(await server.introspect(about)).toMatchObject({ active: true, cnf: BOUND_TO_CERTIFICATE })
    },
  )

  const PAIRS: readonly (readonly [string, (parameters: Readonly<Record<string, string>>) => EndpointRequest])[] = [
    [
      'the right secret in the header',
      (form) => ({ ...posted(form), authorization: basic('reports', REPORTS.secret) }),
    ],
    ['a wrong secret in the header', (form) => ({ ...posted(form), authorization: basic('reports', STRANGER.secret) })],
    ['the secret of nobody', (form) => ({ ...posted(form), authorization: basic('nobody', REPORTS.secret) })],
    ['a secret that a person chose', (form) => ({ ...posted(form), authorization: basic('chosen', CHOSEN.secret) })],
    [
      'the right secret in the form',
      (form) => posted({ ...form, client_id: 'reports', client_secret: REPORTS.secret }),
    ],
    ['a wrong secret in the form', (form) => posted({ ...form, client_id: 'reports', client_secret: STRANGER.secret })],
  ]
  const withSecrets = () => [
    reports(),
    reports({ id: 'chosen', credentials: [{ kind: 'secret', id: 'a', hash: CHOSEN.hash }] }),
  ]

  it.each(PAIRS)(
    'FAPI 2.0 §5.3.2.1 · O1 · is refused like everybody with %s, at every endpoint',
    async (_, requestOf) => {
      const { server } = profiled(withSecrets())
      for (const refused of [
        server.token({ ...requestOf(GRANT), dpop: await proofOf(proofKey) }),
        server.introspect(requestOf({ token: 'any' })),
        server.revoke(requestOf({ token: 'any' })),
      ]) {
        const { status, headers, body } = await respond(refused as Promise<object>)
        expect([status, body]).toEqual([
          401,
          '{"error":"invalid_client","error_description":"client authentication failed"}',
        ])
        expect(headers).toMatchObject({ 'www-authenticate': `Basic realm="${ISSUER}", charset="UTF-8"` })
      }
    },
  )

  it('FAPI 2.0 §5.3.2.1 · O1 · is told of to the operator, who reads why the secret did not count', async () => {
    const test = profiled(withSecrets())
    await refusalOf(test.server.token({ ...posted(GRANT), authorization: basic('reports', REPORTS.secret) }))
    expect(await test.events()).toMatchObject([
      {
        type: 'client_authentication_failed',
        clientId: 'reports',
        reason: 'the profile of this server takes no secrets',
      },
    ])
  })

  it('FAPI 2.0 §5.3.2.1 · O1 · does not show two credentials at once, of which one would not count', async () => {
    const { server } = profiled([machine(), reports()])
    const authorization = basic('reports', REPORTS.secret)
    expect(await refusalOf(server.token({ ...(await asked()), authorization }))).toBe('400 invalid_request')
    const both = await asked({}, { client_id: 'machine', client_secret: REPORTS.secret })
    expect(await refusalOf(server.token(both))).toBe('400 invalid_request')
  })

  it('FAPI 2.0 §5.3.2.1 · O1 · is refused with an assertion that it has signed with its secret', async () => {
    const secret = 'a secret of thirty-two bytes, at least'
    const seal = createSecretSeal({ masterKey: 'ephemeral' })
    const file = `{"machine": {"client_secret": "${secret}", "token_endpoint_auth_method": "client_secret_jwt"}}`
    const [registration] = parseClientsFile(file).clients
    if (registration === undefined) throw new Error('the file has no client')
    const test = profiled([await clientFromRegistration(registration, seal)], { secretSeal: seal })
    const signedBy = { ...key, alg: 'HS256', privateKey: Buffer.from(secret) }
    expect(await refusalOf(test.server.token(await asked({ signedBy })))).toBe('401 invalid_client')
    expect(await reasonsOf(test)).toEqual(['the client is registered for client_secret_jwt'])
    expect(test.server.metadata.token_endpoint_auth_methods_supported).not.toContain('client_secret_jwt')
  })

  it('FAPI 2.0 §5.3.2.1 · O1 · is refused with the token of another issuer, which nobody is asked about', async () => {
    const issuer = 'https://cluster.example'
    const trusted: TrustedIssuerCredential = {
      kind: 'trusted_issuer',
      id: 'cluster',
      issuer,
      subject: 'system:job',
      audience: ISSUER,
      maxLifetimeSeconds: 3600,
      singleUse: false,
    }
    const { documents } = publishing({
      [`${issuer}/.well-known/openid-configuration`]: JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }),
      [`${issuer}/keys`]: keySet(key),
    })
    const claims = { iss: issuer, sub: 'system:job' }
    const request = () => asked({ assertion: { claims } }, { client_id: 'machine' })
    const client = machine({ credentials: [trusted] })
    const usual = createTestServer([client], { replays: replaysInSight(), remoteDocuments: documents })
    expect((await usual.server.token(await request())).token_type).toBe('DPoP')
    const test = profiled([client], {
      remoteDocuments: {
        find: () => Promise.reject(new Error('asked')),
        refetch: () => Promise.reject(new Error('asked')),
      },
    })
    expect(await refusalOf(test.server.token(await request()))).toBe('401 invalid_client')
    expect(await reasonsOf(test)).toEqual([expect.stringContaining('it is of another issuer')])
  })

  it('FAPI 2.0 §5.3.2.1 · O8 · is never one without credentials', async () => {
    const { server } = profiled()
    expect(await refusalOf(server.token(posted({ ...GRANT, client_id: 'machine' })))).toBe('401 invalid_client')
    expect(server.metadata.token_endpoint_auth_methods_supported).not.toContain('none')
  })
})

describe('a token under FAPI 2.0', () => {
  it('FAPI 2.0 §5.3.2.1 · O2 · is bound to the proof where there is a certificate as well, unless the client wants both', async () => {
    const bindingOf = async (client: Client, more: Partial<EndpointRequest>) => {
      const { server, tokens } = profiled([client])
      await server.token({ ...(await asked()), ...more })
      return [...tokens.values()].map(({ confirmation }) => confirmation)
    }
    const x5tS256 = BOUND_TO_CERTIFICATE['x5t#S256']
    const { jkt } = proofKey
    expect(await bindingOf(machine(), { clientCertificate: CERTIFICATE })).toEqual([{ jkt }])
    expect(await bindingOf(machine(), { clientCertificate: CERTIFICATE, dpop: undefined })).toEqual([{ x5tS256 }])
    const both = machine({ tlsClientCertificateBoundAccessTokens: true })
    expect(await bindingOf(both, { clientCertificate: CERTIFICATE })).toEqual([{ jkt, x5tS256 }])
  })

  it('FAPI 2.0 §5.3.2.1 · O2 · is not to be had without a binding, and the request may be made again with one', async () => {
    const test = profiled()
    const { dpop, ...bare } = await asked()
    const { status, body } = await respond(test.server.token(bare))
    expect([status, JSON.parse(body)]).toEqual([
      400,
      { error: 'invalid_request', error_description: 'a DPoP proof or a client certificate is missing' },
    ])
    expect(await reasonsOf(test)).toEqual([expect.stringContaining('bound to nothing')])
    expect((await test.server.token({ ...bare, dpop })).token_type).toBe('DPoP')
  })

  it('FAPI 2.0 §5.3.2.1 · O2 · is bound to a certificate where proofs cannot be looked at, and to nothing else', async () => {
    const { server } = profiled([certified()], { replays: undefined })
    expect(server.metadata).not.toHaveProperty('dpop_signing_alg_values_supported')
    const shown = { ...posted({ ...GRANT, client_id: 'machine' }), clientCertificate: CERTIFICATE }
    expect((await server.token(shown)).token_type).toBe('Bearer')
    expect(await refusalOf(server.token({ ...shown, clientCertificate: undefined }))).toBe('401 invalid_client')
  })

  it('FAPI 2.0 §5.3.2.1 · O2 · is not made for a calling program either, unless it says what it is bound to', async () => {
    const { server } = profiled()
    const request = { client: machine(), scopes: ['read'] }
    await expect(server.createToken(request)).rejects.toMatchObject({
      code: 'server_error',
      reason: expect.stringContaining('confirmation is missing'),
    })
    const { record } = await server.createToken({ ...request, confirmation: { jkt: proofKey.jkt } })
    expect(record.confirmation).toEqual({ jkt: proofKey.jkt })
    const pair = { clientId: 'reports', clientSecret: REPORTS.secret }
    expect(await refusalOf(profiled([reports()]).server.verifyClient(pair))).toBe('401 invalid_client')
  })

  it.each([...FAPI2_ALGORITHMS])('FAPI 2.0 §5.4.1 · O4 · is signed by %s', async (alg) => {
    const test = await createJwtTestServer([machine()], { profile: 'fapi2', replays: replaysInSight() }, { alg })
    const { access_token } = await test.server.token(await asked())
    expect(partsOf(access_token).header).toMatchObject({ alg })
    expect(test.server.metadata.introspection_signing_alg_values_supported).toEqual([alg])
  })

  it('FAPI 2.0 §5.4.1 · O4 · is signed by no other algorithm, whoever wants that', async () => {
    const ring = await openRing({ alg: ['ES256', 'RS256'] })
    const identifier = 'https://api.example.com'
    const resource = {
      identifier,
      scopes: [],
      accessTokenFormat: 'jwt',
      accessTokenSigningAlg: 'RS256',
      version: 1,
    } as const
    const test = profiled([machine({ resources: [identifier] })], {
      signer: ring,
      resources: { find: async () => resource },
    })
    expect(await refusalOf(test.server.token(await asked({}, { resource: identifier })))).toBe('500 server_error')
    expect(await reasonsOf(test)).toEqual([expect.stringContaining('the key signs by RS256')])
    await ring.close()
  })

  it('FAPI 2.0 §5.4.1 · O10 · and its identifiers are drawn from at least 128 bits', async () => {
    const { server } = profiled()
    const tokens = await Promise.all(
      Array.from({ length: 50 }, async () => (await server.token(await asked())).access_token),
    )
    expect(new Set(tokens).size).toBe(50)
    // 43 characters of 62: 256 bits.
    for (const token of tokens) expect(token).toMatch(/^lk_at_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/)
  })
})

const OTHERS = SIGNING_ALGORITHMS.filter((alg) => !FAPI2_ALGORITHMS.some((allowed) => allowed === alg))

describe('what is signed under FAPI 2.0', () => {
  it.each([...FAPI2_ALGORITHMS])('FAPI 2.0 §5.4.1 · O4 · may be signed by %s: assertions and proofs', async (alg) => {
    const signedBy = await makeAssertionKey(alg)
    const { server } = profiled([machine({ credentials: [{ kind: 'jwks', id: 'keys', keys: [signedBy.jwk] }] })])
    const dpop = await proofOf(await makeClientKey(alg))
    expect((await server.token({ ...(await asked({ signedBy })), dpop })).token_type).toBe('DPoP')
  })

  it.each(OTHERS)('FAPI 2.0 §5.4.1 · O4 · is no assertion by %s', async (alg) => {
    const signedBy = await makeAssertionKey(alg)
    const client = { ...machine(), credentials: [{ kind: 'jwks', id: 'keys', keys: [signedBy.jwk] }] } as const
    const test = profiled([client])
    expect(await refusalOf(test.server.token(await asked({ signedBy })))).toBe('401 invalid_client')
    expect(await reasonsOf(test)).toEqual(['the assertion was refused: its alg is none that this server takes'])
    expect(await refusalOf(test.server.introspect(asserting(await assertionOf(signedBy), { token: 'any' })))).toBe(
      '401 invalid_client',
    )
  })

  it.each(OTHERS)('FAPI 2.0 §5.4.1 · O4 · is no proof by %s', async (alg) => {
    const { server } = profiled()
    const dpop = await proofOf(await makeClientKey(alg))
    expect(await refusalOf(server.token({ ...(await asked()), dpop }))).toBe('400 invalid_dpop_proof')
  })

  it('FAPI 2.0 §5.4.1 · O4 · is no assertion and no proof by none', async () => {
    const { server } = profiled()
    const none = Buffer.from('{"alg":"none","typ":"dpop+jwt"}').toString('base64url')
    const { dpop, ...request } = await asked()
    const unsigned = (token: string) => `${none}.${token.split('.')[1]}.`
    expect(await refusalOf(server.token({ ...request, dpop: unsigned(String(dpop)) }))).toBe('400 invalid_dpop_proof')
    const forged = unsigned(await assertionOf(key))
    expect(await refusalOf(server.token({ ...asserting(forged), dpop }))).toBe('401 invalid_client')
  })

  it('FAPI 2.0 §5.4.1 · O5 · is verified by no key of fewer bits than 2048, or 224 on a curve', async () => {
    const weak = { kty: 'RSA', n: Buffer.alloc(255, 0xff).toString('base64url'), e: 'AQAB' } as const
    const small = { kty: 'EC', crv: 'P-192', x: 'A'.repeat(32), y: 'A'.repeat(32) }
    for (const bad of [weak, small])
      expect(() => machine({ credentials: [{ kind: 'jwks', id: 'keys', keys: [bad as never] }] })).toThrow('keys[0]')
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2040 })
    const jwk = publicKey.export({ format: 'jwk' })
    const signed = (header: object, claims: object): string => {
      const text = `${encoded({ alg: 'PS256', ...header })}.${encoded(claims)}`
      const signature = sign('sha256', Buffer.from(text), { key: privateKey, padding: 6, saltLength: 32 })
      return `${text}.${signature.toString('base64url')}`
    }
    const kept = { ...machine(), credentials: [{ kind: 'jwks', id: 'keys', keys: [jwk] }] } as unknown as Client
    const own = { iss: 'machine', sub: 'machine', aud: ISSUER, exp: NOW + 60, jti: 'weak' }
    expect(await refusalOf(profiled([kept]).server.token(asserting(signed({}, own))))).toBe('401 invalid_client')
    const proof = { jti: 'weak', htm: 'POST', htu: TOKEN_ENDPOINT, iat: NOW }
    const dpop = signed({ typ: 'dpop+jwt', jwk }, proof)
    expect(await refusalOf(profiled().server.token({ ...(await asked()), dpop }))).toBe('400 invalid_dpop_proof')
  })

  it('FAPI 2.0 §5.4.3 · O11 · is verified by the key that is fit for it, where several have one name', async () => {
    const keys = await Promise.all(FAPI2_ALGORITHMS.map((alg) => makeAssertionKey(alg, { kid: 'one' })))
    const { server } = profiled([
      machine({ credentials: [{ kind: 'jwks', id: 'keys', keys: keys.map(({ jwk }) => jwk) }] }),
    ])
    for (const signedBy of keys) {
      const assertion = { header: { kid: 'one' } }
      expect((await server.token(await asked({ signedBy, assertion }))).token_type).toBe('DPoP')
    }
  })
})

/** After the modules of the conformance suite that a server without an authorization endpoint can be put to. */
const MODULES: readonly (readonly [
  module: string,
  ids: string,
  request: () => Promise<EndpointRequest>,
  outcome: string,
])[] = [
  ['HappyFlow', 'O1', () => asked(), 'DPoP'],
  [
    'EnsureClientAssertionWithExpIs5MinutesInPastFails',
    'O6',
    () => asked({ assertion: { claims: { exp: NOW - 300 } } }),
    '401 invalid_client',
  ],
  [
    'EnsureClientAssertionWithWrongAudFails',
    'O3',
    () => asked({ assertion: { claims: { aud: 'https://api.example.com/userinfo' } } }),
    '401 invalid_client',
  ],
  [
    'EnsureClientAssertionWithNoSubFails',
    'O1',
    () => asked({ assertion: { claims: { sub: undefined } } }),
    '401 invalid_client',
  ],
  [
    'EnsureClientIdInTokenEndpoint',
    'O1',
    () => asked({ assertion: { claims: { iss: 'second', sub: 'second' } } }, { client_id: 'second' }),
    '401 invalid_client',
  ],
  [
    'EnsureClientAssertionInTokenEndpoint',
    'O1',
    async () => ({ form: formOf({ ...GRANT, client_id: 'machine' }), dpop: await proofOf(proofKey) }),
    '401 invalid_client',
  ],
  ['EnsureHolderOfKeyRequired', 'O2', async () => ({ ...(await asked()), dpop: undefined }), '400 invalid_request'],
  ['CheckDpopProofNbfExp', 'O6', () => asked({ proof: { claims: { nbf: NOW, exp: NOW + 300 } } }), 'DPoP'],
  [
    'EnsureDpopProofWithIat10SecondsBeforeSucceeds',
    'O6',
    () => asked({ proof: { claims: { iat: NOW - 10 } } }),
    'DPoP',
  ],
  ['EnsureDpopProofWithIat10SecondsAfterSucceeds', 'O6', () => asked({ proof: { claims: { iat: NOW + 10 } } }), 'DPoP'],
  ['a proof of an hour ago', 'O6', () => asked({ proof: { claims: { iat: NOW - 3600 } } }), '400 invalid_dpop_proof'],
  ['a proof of an hour ahead', 'O6', () => asked({ proof: { claims: { iat: NOW + 3600 } } }), '400 invalid_dpop_proof'],
  ['a proof that has expired', 'O6', () => asked({ proof: { claims: { exp: NOW - 300 } } }), '400 invalid_dpop_proof'],
  [
    'a proof that does not count yet',
    'O6',
    () => asked({ proof: { claims: { nbf: NOW + 300 } } }),
    '400 invalid_dpop_proof',
  ],
]

const putTo = async (_: string, request: () => Promise<EndpointRequest>, outcome: string): Promise<void> => {
  const second = defineClient({
    id: 'second',
    credentials: [{ kind: 'jwks', id: 'keys', keys: [(await makeAssertionKey()).jwk] }],
  })
  const { server } = profiled([machine(), second])
  const asking = server.token(await request())
  expect(outcome === 'DPoP' ? (await asking).token_type : await refusalOf(asking)).toBe(outcome)
}
const modulesOf = (id: string) =>
  MODULES.filter(([, ids]) => ids === id).map(([name, , ...rest]) => [name, ...rest] as const)

describe('what the conformance suite asks', () => {
  it.each(modulesOf('O1'))('FAPI 2.0 §5.3.2.1 · O1 · is answered as it should be: %s', putTo)
  it.each(modulesOf('O2'))('FAPI 2.0 §5.3.2.1 · O2 · is answered as it should be: %s', putTo)
  it.each(modulesOf('O3'))('FAPI 2.0 §5.3.2.1 · O3 · is answered as it should be: %s', putTo)
  it.each(modulesOf('O6'))('FAPI 2.0 §5.3.2.1 · O6 · is answered as it should be: %s', putTo)

  it('FAPI 2.0 §5.4.1 · O4 · is answered as it should be: EnsureSignedClientAssertionWithRS256Fails', async () => {
    const rsa = await makeAssertionKey('PS256')
    const { server } = profiled([machine({ credentials: [{ kind: 'jwks', id: 'keys', keys: [rsa.jwk] }] })])
    expect((await server.token(await asked({ signedBy: rsa }))).token_type).toBe('DPoP')
    const { privateKey } = await makeAssertionKey('RS256')
    expect(await refusalOf(server.token(await asked({ signedBy: { ...rsa, alg: 'RS256', privateKey } })))).toBe(
      '401 invalid_client',
    )
  })

  it('FAPI 2.0 §5.3.2.1 · O9, O4 · is answered as it should be: DiscoveryEndpointVerification', async () => {
    const { server } = profiled([], { secretSeal: createSecretSeal({ masterKey: 'ephemeral' }) })
    const { status, body } = await server.metadataDocument()
    const metadata = JSON.parse(body) as Record<string, unknown>
    expect(status).toBe(200)
    expect(metadata).toMatchObject({
      issuer: ISSUER,
      token_endpoint: TOKEN_ENDPOINT,
      grant_types_supported: ['client_credentials'],
      dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'Ed25519', 'PS256'],
      tls_client_certificate_bound_access_tokens: true,
    })
    for (const endpoint of ['token', 'introspection', 'revocation']) {
      expect(metadata[`${endpoint}_endpoint_auth_methods_supported`]).toEqual([
        'private_key_jwt',
        'tls_client_auth',
        'self_signed_tls_client_auth',
      ])
      expect(metadata[`${endpoint}_endpoint_auth_signing_alg_values_supported`]).toEqual(FAPI2_ALGORITHMS)
    }
  })

  it.each(['iat', 'nbf'])(
    'FAPI 2.0 §5.3.2.1 · O6 · allows ten seconds of other clocks, and no minute: %s',
    async (name) => {
      const { server } = profiled()
      const at = (seconds: number) => ({ claims: { [name]: NOW + seconds } })
      for (const seconds of [0, 8, 10]) {
        const request = await asked({ assertion: at(seconds), proof: at(seconds) })
        expect((await server.token(request)).token_type).toBe('DPoP')
      }
      expect(await refusalOf(server.token(await asked({ assertion: at(61) })))).toBe('401 invalid_client')
      expect(await refusalOf(server.token(await asked({ proof: at(61) })))).toBe('400 invalid_dpop_proof')
    },
  )

  it('FAPI 2.0 §5.3.2.1 · O3 · is whom an assertion is for: the issuer as a text, whatever the client is registered for', async () => {
    const { server } = profiled([machine({ legacyAssertionAudience: true })])
    for (const aud of [TOKEN_ENDPOINT, [ISSUER], [TOKEN_ENDPOINT], [ISSUER, TOKEN_ENDPOINT]])
      expect(await refusalOf(server.token(await asked({ assertion: { claims: { aud } } })))).toBe('401 invalid_client')
    expect((await server.token(await asked())).token_type).toBe('DPoP')
  })
})

describe('the options under FAPI 2.0', () => {
  const refusedFor = (overrides: Partial<AuthorizationServerOptions>) => {
    try {
      profiled([], overrides)
    } catch (error) {
      return error
    }
    throw new Error('they were taken')
  }

  it.each<[string, Partial<AuthorizationServerOptions>]>([
    ['profile must be one of fapi2', { profile: 'fapi1' as never }],
    ['needs replays or mutualTls', { replays: undefined, mutualTls: undefined }],
    ['jwtSecret', { jwtSecret: { secret: 'x'.repeat(32) } }],
    [
      'the grant "password"',
      { grants: [{ type: 'password', authorize: () => ({ subject: 'a', scopes: [] }) } as never] },
    ],
  ])('FAPI 2.0 §5.3.2.1 · O1, O4 · are refused by name where they cannot be kept: %s', (name, overrides) => {
    expect(refusedFor(overrides)).toMatchObject({ name: 'TypeError', message: expect.stringContaining(name) })
  })

  it('FAPI 2.0 §5.4.1 · O4 · are refused by name where the signer has a key of another algorithm', async () => {
    const ring = await openRing({ alg: 'RS256' })
    expect(refusedFor({ signer: ring })).toMatchObject({
      message: expect.stringMatching(/needs a signer of ES256.*has RS256/),
    })
    await ring.close()
  })
})

describe('a registration under FAPI 2.0', () => {
  const keys = async (alg: SigningAlgorithm, more = {}) => {
    const { jwk } = await makeAssertionKey(alg, { kid: 'k1', ...more })
    return { kind: 'jwks', id: 'keys', keys: [jwk] } as const
  }
  const secret = reports().credentials

  it('FAPI 2.0 §5.3.2.1 · O1 · is right with keys, with a certificate, and with keys elsewhere; a secret beside them is idle', async () => {
    const [rsa, ec] = [await keys('PS256'), await keys('ES256')]
    for (const client of [
      machine(),
      certified(),
      machine({ credentials: [rsa] }),
      machine({ credentials: [...secret, ec], tokenEndpointAuthMethod: 'private_key_jwt' }),
      machine({ credentials: [{ kind: 'jwks_uri', id: 'keys', uri: 'https://a.example/keys' }] }),
    ])
      expect(problemsUnderFapi2(client)).toEqual([])
  })

  it('FAPI 2.0 §5.3.2.1 · O1, O3, O4 · is told all that is wrong with it', async () => {
    const wrong = async (more: Partial<ClientDefinition>) => problemsUnderFapi2(machine(more))
    expect(await wrong({ credentials: secret })).toEqual([
      expect.stringMatching(/^it has no key or certificate.*: secrets let/),
    ])
    expect(await wrong({ credentials: [] })).toHaveLength(1)
    const trusted = {
      issuer: 'https://a.example',
      subject: 's',
      audience: 'a',
      maxLifetimeSeconds: 60,
      singleUse: false,
    }
    expect(await wrong({ credentials: [{ kind: 'trusted_issuer', id: 'a', ...trusted }] })).toEqual([
      expect.stringContaining('trusted_issuer'),
    ])
    expect(await wrong({ tokenEndpointAuthMethod: 'client_secret_basic' })).toEqual([
      expect.stringMatching(/^token_endpoint_auth_method is client_secret_basic/),
    ])
    expect(await wrong({ tokenEndpointAuthMethod: 'tls_client_auth' })).toEqual([
      'it has no tls_client_auth, and tls_client_auth needs one (§5.3.2.1)',
    ])
    expect(await wrong({ tokenEndpointAuthSigningAlg: 'RS256' })).toEqual([
      expect.stringMatching(/^token_endpoint_auth_signing_alg is RS256/),
    ])
    expect(await wrong({ legacyAssertionAudience: true })).toEqual([
      expect.stringMatching(/^legacy_assertion_audience is true/),
    ])
    const others = [await keys('ES384'), await keys('RS256', { alg: 'RS256' })]
    for (const held of others)
      expect(await wrong({ credentials: [held] })).toEqual([
        expect.stringMatching(/^jwks: keys\[0\] \(k1\) is for none of/),
      ])
  })
})
