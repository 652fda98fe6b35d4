import { describe, expect, it } from 'vitest'
import { clientFromRegistration } from '../../src/client-auth/registered-client.ts'
import { CLIENT_METADATA_MEMBERS } from '../../src/protocol/client-metadata.ts'
import { parseClientsFile } from '../../src/protocol/clients-file.ts'
import { ecPair } from '../encryption-keys.ts'
import { CHOSEN, REPORTS, STRANGER } from '../test-server.ts'

const problemsOf = (file: unknown): readonly string[] => {
  try {
    parseClientsFile(typeof file === 'string' ? file : JSON.stringify(file))
    return []
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError)
    return (error as Error).message.split('\n')
  }
}
const clientsOf = (file: unknown) =>
  Promise.all(parseClientsFile(JSON.stringify(file)).clients.map((client) => clientFromRegistration(client)))

const ED25519 = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
/** Each of them excludes one that the file of every member has. */
const OTHER_CREDENTIALS = [
  'jwks_uri',
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
]

describe('parseClientsFile', () => {
  it('reads the place of keys, and each of the names that a certificate can have', async () => {
    const names = { subject_dn: 'CN=a', san_dns: 'a.example', san_uri: 'spiffe://a', san_ip: '::1', san_email: 'a@b.c' }
    const file = Object.entries(names).map(([name, value]) => [name, { [`tls_client_auth_${name}`]: value }])
    const clients = await clientsOf({ ...Object.fromEntries(file), keys: { jwks_uri: 'https://keys.example/jwks' } })
    expect(clients.map(({ credentials: [credential] }) => credential)).toEqual([
      { kind: 'tls_client_auth', id: 'tls_client_auth', subjectDn: 'CN=a' },
      { kind: 'tls_client_auth', id: 'tls_client_auth', sanDns: 'a.example' },
      { kind: 'tls_client_auth', id: 'tls_client_auth', sanUri: 'spiffe://a' },
      { kind: 'tls_client_auth', id: 'tls_client_auth', sanIp: '::1' },
      { kind: 'tls_client_auth', id: 'tls_client_auth', sanEmail: 'a@b.c' },
      { kind: 'jwks_uri', id: 'jwks_uri', uri: 'https://keys.example/jwks' },
    ])
  })

  it.each([
    [{ jwks: [] }, 'jwks must be an object with the member keys, a list (RFC 7517 §5)'],
    [{ jwks: { keys: {} } }, 'jwks must be an object with the member keys, a list (RFC 7517 §5)'],
    [{ jwks_uri: 1 }, 'jwks_uri must be a text'],
    [
      { jwks: { keys: [ED25519] }, jwks_uri: 'https://keys.example/' },
      'jwks and jwks_uri are both given; one of them is enough (RFC 7591 §2)',
    ],
    [{ tls_client_auth_san_ip: 1 }, 'tls_client_auth_san_ip must be a text'],
    [
      { tls_client_auth_san_dns: 'a', tls_client_auth_san_uri: 'b' },
      'tls_client_auth_san_dns and tls_client_auth_san_uri are given; one of them is enough',
    ],
    [{ trusted_issuer: 'https://issuer.example' }, 'trusted_issuer must be an object'],
    [
      { jwks_uri: 'http://keys.example/' },
      'credential "jwks_uri": uri must be an absolute https URL without userinfo and fragment (RFC 7591 §2)',
    ],
  ])('refuses %j', (metadata, problem) => {
    expect(problemsOf({ a: metadata })).toEqual([`client "a": ${problem}`])
  })

  it('reads a client in two lines, with its secret in clear, and keeps only the hash', async () => {
    const [client] = await clientsOf({
      TrendyNewService: { client_secret: CHOSEN.secret, scopes: { post_images: true, annoy_friends: false } },
    })
    expect(client).toMatchObject({
      id: 'TrendyNewService',
      enabled: true,
      credentials: [{ kind: 'secret', id: 'secret', hash: expect.stringMatching(/^\$scrypt\$ln=15,r=8,p=3\$/) }],
      scopes: [
        { name: 'post_images', enabled: true },
        { name: 'annoy_friends', enabled: false },
      ],
    })
    expect(JSON.stringify(client)).not.toContain(CHOSEN.secret)
  })

  it('reads every member that it knows', async () => {
    const file = {
      reports: {
        client_name: 'Nightly reports',
        enabled: false,
        client_secret: REPORTS.secret,
        client_secrets: [
          { value: STRANGER.secret, label: 'next', not_before: '2030-01-31T00:00:00Z', expires_at: 2_000_000_000 },
          { id: 'old', hash: CHOSEN.hash, expires_at: '2030-01-31T01:00:00+01:00' },
        ],
        scope: 'read  write',
        default_scopes: ['read'],
        scope_policy: 'reduce',
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'private_key_jwt',
        access_token_ttl: 60,
        access_token_format: 'jwt',
        claims: { tenant: 'acme' },
        dpop_bound_access_tokens: true,
        dpop_nonce_required: false,
        introspect: 'any',
        resource_server_for: ['https://api.example.com'],
        resources: ['https://orders.example.com'],
        token_endpoint_auth_signing_alg: 'EdDSA',
        legacy_assertion_audience: true,
        tls_client_certificate_bound_access_tokens: true,
        jwks: { keys: [ED25519] },
        tls_client_auth_san_dns: 'reports.example',
        trusted_issuer: { issuer: 'https://issuer.example', subject: 'reports', audience: 'https://as.example' },
      },
    }
    const known = [...Object.keys(file.reports), 'scopes', 'client_secret_hash', ...OTHER_CREDENTIALS]
    expect(known.sort()).toEqual([...CLIENT_METADATA_MEMBERS].sort())
    expect(await clientsOf(file)).toEqual([
      {
        id: 'reports',
        name: 'Nightly reports',
        enabled: false,
        credentials: [
          { kind: 'secret', id: REPORTS.credentialId, hash: REPORTS.hash },
          {
            kind: 'secret',
            id: STRANGER.credentialId,
            hash: STRANGER.hash,
            label: 'next',
            notBefore: 1_896_048_000,
            expiresAt: 2_000_000_000,
          },
          { kind: 'secret', id: 'old', hash: CHOSEN.hash, expiresAt: 1_896_048_000 },
          { kind: 'jwks', id: 'jwks', keys: [ED25519] },
          { kind: 'tls_client_auth', id: 'tls_client_auth', sanDns: 'reports.example' },
          {
            kind: 'trusted_issuer',
            id: 'trusted_issuer',
            issuer: 'https://issuer.example',
            subject: 'reports',
            audience: 'https://as.example',
            maxLifetimeSeconds: 3600,
            singleUse: false,
          },
        ],
        scopes: [
          { name: 'read', enabled: true },
          { name: 'write', enabled: true },
        ],
        defaultScopes: ['read'],
        scopePolicy: 'reduce',
        grantTypes: ['client_credentials'],
        tokenEndpointAuthMethod: 'private_key_jwt',
        tokenEndpointAuthSigningAlg: 'EdDSA',
        legacyAssertionAudience: true,
        tlsClientCertificateBoundAccessTokens: true,
        accessTokenLifetimeSeconds: 60,
        accessTokenFormat: 'jwt',
        claims: { tenant: 'acme' },
        dpopBoundAccessTokens: true,
        dpopNonceRequired: false,
        introspect: 'any',
        resourceServerFor: ['https://api.example.com'],
        resources: ['https://orders.example.com'],
        tokensValidFrom: 0,
        version: 1,
      },
    ])
  })

  it('finds the credential that a stored hash names, and takes a hash in the place of a secret', async () => {
    const [generated, chosen] = await clientsOf({
      a: { client_secret_hash: REPORTS.hash },
      b: { client_secret_hash: CHOSEN.hash },
    })
    expect(generated?.credentials).toEqual([{ kind: 'secret', id: REPORTS.credentialId, hash: REPORTS.hash }])
    expect(chosen?.credentials).toEqual([{ kind: 'secret', id: 'secret', hash: CHOSEN.hash }])
  })

  it('takes the wrapped form exactly when it has no other names at its top', async () => {
    const ids = async (file: unknown) => (await clientsOf(file)).map(({ id }) => id)
    expect(await ids({ clients: { a: {} } })).toEqual(['a'])
    expect(await ids({ clients: {}, a: {} })).toEqual(['clients', 'a'])
    expect(await ids({})).toEqual([])
    expect(await ids({ clients: { a: {} }, resources: {} })).toEqual(['a'])
    expect(await ids({ resources: {} })).toEqual([])
    expect(await ids({ resources: {}, a: {} })).toEqual(['resources', 'a'])
    expect(problemsOf({ clients: null, resources: [] })).toEqual([
      'clients must be an object, keyed by client id',
      'resources must be an object, keyed by identifier',
    ])
    expect(problemsOf({ clients: [] })).toEqual(['clients must be an object, keyed by client id'])
  })

  it('reads resources beside the clients, and the clients that may name them', () => {
    const { publicKey } = ecPair()
    const { clients, resources } = parseClientsFile(
      JSON.stringify({
        clients: { a: { resources: ['https://api.example.com'] } },
        resources: {
          'https://api.example.com': {
            resource_name: 'Orders',
            scopes: ['read', 'write'],
            access_token_format: 'jwt',
            access_token_ttl: 300,
            access_token_signing_alg: 'RS256',
            access_token_encryption: { alg: 'ECDH-ES+A256KW', enc: 'A128GCM', key: { ...publicKey, use: 'enc' } },
            claims: { zone: 'eu' },
          },
          'urn:example:stock': { scope: 'read' },
        },
      }),
    )
    expect(clients[0]?.definition).toEqual({ id: 'a', resources: ['https://api.example.com'] })
    expect(resources).toEqual([
      {
        identifier: 'https://api.example.com',
        name: 'Orders',
        scopes: ['read', 'write'],
        accessTokenFormat: 'jwt',
        accessTokenLifetimeSeconds: 300,
        accessTokenSigningAlg: 'RS256',
        accessTokenEncryption: { alg: 'ECDH-ES+A256KW', enc: 'A128GCM', key: publicKey },
        claims: { zone: 'eu' },
        version: 1,
      },
      { identifier: 'urn:example:stock', scopes: ['read'], version: 1 },
    ])
  })

  it('tells of all that is wrong with resources, each fault with its resource and member', () => {
    const resources = {
      'https://a.example': { scops: [], scope: 'a', scopes: ['a'], access_token_ttl: '60', claims: [] },
      'urn:b': [],
      c: {},
      'urn:d': { claims: { aud: 'x' } },
      'urn:e': { access_token_signing_alg: 'HS256', access_token_encryption: 'RSA-OAEP-256' },
      'urn:g': { access_token_ttl: 0 },
      'urn:h': { access_token_signing_alg: 'RS256' },
      'urn:f': { access_token_format: 'jwt', access_token_encryption: { alg: 'dir', enc: 'A128GCM', key: {} } },
    }
    expect(problemsOf({ clients: {}, resources })).toEqual([
      'resource "https://a.example": "scops" is not known; did you mean scope?',
      'resource "https://a.example": access_token_ttl must be a number of seconds',
      'resource "https://a.example": claims must be an object',
      'resource "https://a.example": scope and scopes are both given; one of them is enough',
      'resource "urn:b": must be an object',
      'resource "c": its identifier must be an absolute URI without fragment, of at most 512 characters (RFC 8707 §2)',
      'resource "urn:d": claims must not hold "aud": the server sets it',
      'resource "urn:e": access_token_signing_alg must be one of ES256, ES384, ES512, EdDSA, Ed25519, RS256, RS384, RS512, PS256, PS384, PS512',
      'resource "urn:e": access_token_encryption must be an object',
      'resource "urn:g": access_token_ttl must be a whole number of seconds above 0',
      'resource "urn:h": access_token_signing_alg needs access_token_format "jwt"',
      'resource "urn:f": access_token_encryption.alg must be one of RSA-OAEP-256, ECDH-ES+A256KW',
    ])
  })

  it('reads a client that is named like what every object has', async () => {
    const file = '{"__proto__":{"scopes":{"__proto__":true}},"constructor":{}}'
    const clients = await Promise.all(parseClientsFile(file).clients.map((client) => clientFromRegistration(client)))
    expect(clients.map(({ id }) => id)).toEqual(['__proto__', 'constructor'])
    expect(clients[0]?.scopes).toEqual([{ name: '__proto__', enabled: true }])
  })

  it('tells of all that is wrong at once, each fault with its client and member', () => {
    const file = {
      a: { client_secrte: 'x', enabled: 'yes', scope: 'read', scopes: {} },
      b: [],
      'c d': {},
      e: {
        token_endpoint_auth_method: 'none',
        access_token_ttl: '60',
        access_token_format: 'JWT',
        claims: ['a'],
        scopes: ['read'],
        default_scopes: 'read',
      },
    }
    expect(problemsOf(file)).toEqual([
      'client "a": "client_secrte" is not known; did you mean client_secret?',
      'client "a": enabled must be true or false',
      'client "a": scope and scopes are both given; one of them is enough',
      'client "b": must be an object',
      'client "c d": id must match ^[A-Za-z0-9._~:/@-]{1,255}$',
      'client "e": scopes must map each scope to true or false',
      'client "e": default_scopes must be a list of texts',
      'client "e": token_endpoint_auth_method must not be "none": there are no public clients (RFC 6749 §4.4)',
      'client "e": access_token_ttl must be a number of seconds',
      'client "e": access_token_format must be one of opaque, jwt',
      'client "e": claims must be an object',
    ])
  })

  const TIME = 'must be seconds since 1970 or a date such as 2030-01-31T00:00:00Z'
  it.each([
    ['no object', [], ['it must be an object, keyed by client id']],
    ['text', '"hunter2"', ['it must be an object, keyed by client id']],
    [
      'an empty secret',
      { a: { client_secret: '' } },
      ['client "a": client_secret: a secret must be 1 to 1024 characters of printable ASCII'],
    ],
    [
      'a secret that no client could send',
      { a: { client_secret: 'hünter2' } },
      ['client "a": client_secret: a secret must be 1 to 1024 characters of printable ASCII'],
    ],
    [
      'a secret that is no text',
      { a: { client_secret: 7 } },
      ['client "a": client_secret: a secret must be 1 to 1024 characters of printable ASCII'],
    ],
    [
      'a secret in clear for a hash',
      { a: { client_secret_hash: 'hunter2' } },
      ['client "a": credential "secret": hash must be one that Latchkey made'],
    ],
    [
      'a secret and a hash',
      { a: { client_secret: 'x', client_secret_hash: CHOSEN.hash } },
      ['client "a": client_secret and client_secret_hash are both given; one of them is enough'],
    ],
    [
      'two secrets that a person chose',
      { a: { client_secrets: [{ value: 'x' }, { value: 'y' }] } },
      ['client "a": at most one secret that a person chose may be live at a time; generate the other'],
    ],
    ['secrets that are no list', { a: { client_secrets: {} } }, ['client "a": client_secrets must be a list']],
    [
      'a listed secret that is a text',
      { a: { client_secrets: ['hunter2'] } },
      ['client "a": client_secrets[0] must be an object'],
    ],
    [
      'a listed secret with neither',
      { a: { client_secrets: [{}] } },
      ['client "a": client_secrets[0]: give value or hash, one of them'],
    ],
    [
      'a listed secret with a wrong name',
      { a: { client_secrets: [{ value: 'x', expire_at: 1 }] } },
      ['client "a": client_secrets[0]: "expire_at" is not known; did you mean expires_at?'],
    ],
    [
      'a day that is no time',
      { a: { client_secrets: [{ value: 'x', expires_at: '2030-01-31' }] } },
      [`client "a": client_secrets[0]: expires_at ${TIME}`],
    ],
    [
      'a time that does not exist',
      { a: { client_secrets: [{ value: 'x', not_before: '2030-13-31T00:00:00Z' }] } },
      [`client "a": client_secrets[0]: not_before ${TIME}`],
    ],
    [
      'null for never',
      { a: { client_secrets: [{ value: 'x', expires_at: null }] } },
      [`client "a": client_secrets[0]: expires_at ${TIME}`],
    ],
    [
      'a generated secret under another id',
      { a: { client_secrets: [{ id: 'mine', value: REPORTS.secret }] } },
      ['client "a": credential "mine": its hash belongs to another credential'],
    ],
  ])('refuses %s', (_, file, problems) => {
    expect(problemsOf(file)).toEqual(problems)
    expect(problems.join()).not.toMatch(/hunter2|hünter2/)
  })
})
