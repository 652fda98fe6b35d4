import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Client, ClientCertificate, ClientDefinition, EndpointRequest } from '../../src/index.ts'
import { defineClient, formOf } from '../../src/index.ts'
import {
  type CertificateSpecification,
  COMMON_NAME,
  certificateOf,
  ORGANIZATION,
  UNIT,
} from '../client-certificates.ts'
import { makeClientKey, proofOf, replaysInSight } from '../dpop-proofs.ts'
import { asReports, createTestServer, GRANT, ISSUER, refusalOf, reports, respond } from '../test-server.ts'

type Name = Partial<Record<'subjectDn' | 'sanDns' | 'sanUri' | 'sanIp' | 'sanEmail', string>>

const named = (name: Name, more: Partial<ClientDefinition> = {}): Client =>
  defineClient({
    id: 'machine',
    credentials: [{ kind: 'tls_client_auth', id: 'certificate', ...name }],
    scopes: { read: true },
    ...more,
  })

const SELF_SIGNED = certificateOf({ subject: [[[COMMON_NAME, 'anything']]], serial: 7 }, false)
const selfSigned = (more: Partial<ClientDefinition> = {}): Client => {
  const x5c = [Buffer.from(SELF_SIGNED.der).toString('base64')] as const
  const keys = [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', x5c }] as const
  return defineClient({
    id: 'machine',
    tokenEndpointAuthMethod: 'self_signed_tls_client_auth',
    credentials: [{ kind: 'jwks', id: 'keys', keys }],
    scopes: { read: true },
    ...more,
  })
}

const digestOf = ({ der }: ClientCertificate): string => createHash('sha256').update(der).digest('base64url')

const serverOf = (...clients: readonly Client[]) =>
  createTestServer(clients, { mutualTls: {}, replays: replaysInSight() })

const shown = (clientCertificate: ClientCertificate | undefined, parameters = {}): EndpointRequest => ({
  clientCertificate,
  form: formOf({ ...GRANT, client_id: 'machine', ...parameters }),
})

const statusOf = async (client: Client, request: EndpointRequest): Promise<number> =>
  (await respond(serverOf(client).server.token(request))).status

describe('tls_client_auth', () => {
  const SUBJECT: CertificateSpecification['subject'] = [
    [[ORGANIZATION, 'A, B']],
    [
      [UNIT, 'jobs'],
      [COMMON_NAME, 'reports'],
    ],
  ]
  it.each<[string, Name, CertificateSpecification]>([
    ['a subject', { subjectDn: 'OU=jobs+CN=reports,O=A\\, B' }, { subject: SUBJECT }],
    ['a subject in other words', { subjectDn: 'cn=r\\65ports+2.5.4.11=jobs,o=A\\2c B' }, { subject: SUBJECT }],
    ['a subject in hex', { subjectDn: 'CN=#0c0161' }, { subject: [[[COMMON_NAME, 'a']]] }],
    ['a subject of another kind of text', { subjectDn: 'CN=a' }, { subject: [[[COMMON_NAME, 'a', 0x13]]] }],
    ['a DNS name, in whatever case', { sanDns: 'REPORTS.example' }, { dns: ['others.example', 'reports.Example'] }],
    ['a URI', { sanUri: 'spiffe://example/a' }, { uris: ['spiffe://example/a'] }],
    ['an IPv4 address', { sanIp: '192.0.2.1' }, { addresses: [[192, 0, 2, 1]] }],
    [
      'an IPv6 address, however it is written',
      { sanIp: '2001:DB8:0::1' },
      { addresses: [[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]] },
    ],
    ['an email address', { sanEmail: 'ops@EXAMPLE.com' }, { emails: ['ops@example.com'] }],
  ])('RFC 8705 §2.1 · C42, C43 · knows a client by %s', async (_, name, specification) => {
    expect(await statusOf(named(name), shown(certificateOf(specification)))).toBe(200)
  })

  it.each<[string, Name, CertificateSpecification]>([
    ['a part of its subject', { subjectDn: 'CN=reports' }, { subject: SUBJECT }],
    ['more than its subject', { subjectDn: 'OU=jobs+CN=reports,O=A\\, B,C=DE' }, { subject: SUBJECT }],
    ['its subject in the other order', { subjectDn: 'O=A\\, B,OU=jobs+CN=reports' }, { subject: SUBJECT }],
    ['its subject with the parts apart', { subjectDn: 'CN=reports,OU=jobs,O=A\\, B' }, { subject: SUBJECT }],
    ['a value in another case', { subjectDn: 'CN=Reports+OU=jobs,O=A\\, B' }, { subject: SUBJECT }],
    [
      'a name within a value (CVE-2026-22747)',
      { subjectDn: 'CN=admin' },
      { subject: [[[COMMON_NAME, 'reports, CN=admin']], [[COMMON_NAME, 'reports']]] },
    ],
    ['a name with commas in it', { subjectDn: 'CN=b,CN=a' }, { subject: [[[COMMON_NAME, 'a,CN=b']]] }],
    ['a text that can be read in several ways', { subjectDn: 'CN=a' }, { subject: [[[COMMON_NAME, 'a', 0x14]]] }],
    ['a name cut off by NUL', { subjectDn: 'CN=a' }, { subject: [[[COMMON_NAME, 'a\u0000.example']]] }],
    ['a wildcard', { sanDns: 'a.example' }, { dns: ['*.example'] }],
    ['a DNS name cut off by NUL', { sanDns: 'a.example' }, { dns: ['a.example\u0000.evil.example'] }],
    ['a DNS name below it', { sanDns: 'example' }, { dns: ['a.example'] }],
    ['a common name that is a DNS name', { sanDns: 'a.example' }, { subject: [[[COMMON_NAME, 'a.example']]] }],
    ['a DNS name for a URI', { sanUri: 'https://a.example' }, { dns: ['https://a.example'] }],
    ['a URI in another case', { sanUri: 'spiffe://example/a' }, { uris: ['spiffe://example/A'] }],
    ['a URI with more behind it', { sanUri: 'spiffe://example/a' }, { uris: ['spiffe://example/a/b'] }],
    ['another address', { sanIp: '192.0.2.1' }, { addresses: [[192, 0, 2, 2]] }],
    ['an address with a mask', { sanIp: '192.0.2.1' }, { addresses: [[192, 0, 2, 1, 255, 255, 255, 255]] }],
    ['an address as text', { sanIp: '192.0.2.1' }, { dns: ['192.0.2.1'] }],
    ['a mailbox in another case', { sanEmail: 'ops@example.com' }, { emails: ['Ops@example.com'] }],
    ['no name at all', { sanDns: 'a.example' }, {}],
  ])('RFC 8705 §2.1 · C42, C43, C45 · does not know a client by %s', async (_, name, specification) => {
    expect(await statusOf(named(name), shown(certificateOf(specification)))).toBe(401)
  })

  const BY_DNS = named({ sanDns: 'a.example' })
  const A = certificateOf({ dns: ['a.example'] })

  it('RFC 8705 §2 · C45, C49 · believes no name in a certificate that nobody verified', async () => {
    expect(await statusOf(BY_DNS, shown({ ...A, isVerified: false }))).toBe(401)
  })

  it('RFC 8705 §2 · C45 · answers each failure alike, and like an unknown client', async () => {
    const answer = async (request: EndpointRequest, client = BY_DNS) => respond(serverOf(client).server.token(request))
    const expected = await answer(shown(A, { client_id: 'nobody' }))
    expect(expected.status).toBe(401)
    for (const [request, client] of [
      [shown(undefined), BY_DNS],
      [shown(certificateOf({ dns: ['b.example'] })), BY_DNS],
      [shown({ der: Buffer.from('no certificate'), isVerified: true }), BY_DNS],
      [shown({ ...A, isVerified: false }), BY_DNS],
      [shown(A), named({ sanDns: 'a.example' }, { enabled: false })],
      [shown(A), named({ sanDns: 'a.example' }, { tokenEndpointAuthMethod: 'private_key_jwt' })],
      [shown(A), named({ sanDns: 'a.example' }, { tokenEndpointAuthMethod: 'self_signed_tls_client_auth' })],
      [shown(A), named({}, { credentials: [{ ...BY_DNS.credentials[0], expiresAt: 1 } as never] })],
    ] as const)
      expect(await answer(request, client)).toEqual(expected)
  })

  it('RFC 8705 §2 · C40 · needs client_id in the form', async () => {
    const { server } = serverOf(BY_DNS)
    const refusal = await refusalOf(server.token({ clientCertificate: A, form: formOf(GRANT) }))
    expect(refusal).toBe('401 invalid_client')
  })

  it('RFC 8705 §2.1.2 · C41 · is registered with exactly one name', () => {
    expect(() => named({})).toThrow('exactly one of')
    expect(() => named({ sanDns: 'a.example', sanUri: 'spiffe://a' })).toThrow('exactly one of')
  })

  it.each<[Name, string]>([
    [{ subjectDn: 'CN=a, O=b' }, 'subjectDn must be a name as RFC 4514 writes one'],
    [{ subjectDn: '/O=b/CN=a' }, 'subjectDn must be'],
    [{ sanDns: '*.example' }, 'sanDns must be'],
    [{ sanUri: 'example' }, 'sanUri must be'],
    [{ sanIp: '192.0.2.0/24' }, 'sanIp must be'],
    [{ sanEmail: 'example' }, 'sanEmail must be'],
  ])('RFC 8705 §2.1.2 · C41 · is registered with no name that no certificate has: %j', (name, problem) => {
    expect(() => named(name)).toThrow(problem)
  })

  it('RFC 8705 §2 · C45 · is not what a certificate beside other credentials is', async () => {
    const request = { ...asReports(GRANT), clientCertificate: A }
    const { server } = serverOf(reports(), BY_DNS)
    expect((await respond(server.token(request))).status).toBe(200)
    const asMachine = { ...request, form: formOf({ ...GRANT, client_id: 'machine' }) }
    expect(await refusalOf(server.token(asMachine))).toBe('400 invalid_request')
    const wrongSecret = shown(A, { client_secret: 'wrong' })
    expect(await refusalOf(server.token(wrongSecret))).toBe('401 invalid_client')
  })

  it('RFC 8705 §2 · C45 · is offered where certificates are looked at, and nowhere else', async () => {
    const { server } = createTestServer([BY_DNS])
    expect((await respond(server.token(shown(A)))).status).toBe(401)
    expect(server.metadata.token_endpoint_auth_methods_supported).not.toContain('tls_client_auth')
    expect(serverOf().server.metadata.token_endpoint_auth_methods_supported).toEqual(
      expect.arrayContaining(['tls_client_auth', 'self_signed_tls_client_auth']),
    )
  })

  it('RFC 8705 §2 · C40 · is taken by introspection and revocation as by the token endpoint', async () => {
    const { server } = serverOf(BY_DNS)
    const { access_token: token } = await server.token(shown(A))
    expect(await server.introspect({ ...shown(A), form: formOf({ client_id: 'machine', token }) })).toMatchObject({
      active: true,
      client_id: 'machine',
    })
    await server.revoke({ ...shown(A), form: formOf({ client_id: 'machine', token }) })
    expect(await server.introspect({ ...shown(A), form: formOf({ client_id: 'machine', token }) })).toEqual({
      active: false,
    })
  })
})

describe('self_signed_tls_client_auth', () => {
  it('RFC 8705 §2.2 · C44 · knows a client by its whole certificate, which nobody else need have signed', async () => {
    expect(await statusOf(selfSigned(), shown(SELF_SIGNED))).toBe(200)
  })

  it('RFC 8705 §2.2 · C44 · does not know it by one that is alike in every name', async () => {
    const alike = certificateOf({ subject: [[[COMMON_NAME, 'anything']]], serial: 8 })
    expect(await statusOf(selfSigned(), shown(alike))).toBe(401)
    const longer = { der: Buffer.concat([SELF_SIGNED.der, Buffer.from([0])]), isVerified: true }
    expect(await statusOf(selfSigned(), shown(longer))).toBe(401)
  })

  it('RFC 8705 §2.2 · C44 · is not for a client that is registered for a name', async () => {
    expect(await statusOf(selfSigned({ tokenEndpointAuthMethod: 'tls_client_auth' }), shown(SELF_SIGNED))).toBe(401)
  })

  it('RFC 8705 §2.2 · C44 · takes the old certificate and the new one while both are live', async () => {
    const [before] = selfSigned().credentials
    const next = certificateOf({ serial: 9 }, false)
    const x5c = [Buffer.from(next.der).toString('base64')] as const
    const keys = [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', x5c }] as const
    const client = selfSigned({ credentials: [before as never, { kind: 'jwks', id: 'next', keys }] })
    const test = serverOf(client)
    for (const [certificate, credentialId] of [
      [SELF_SIGNED, 'keys'],
      [next, 'next'],
    ] as const) {
      await test.server.token(shown(certificate))
      expect([...test.tokens.values()].at(-1)?.credentialId).toBe(credentialId)
    }
  })
})

describe('a token that is bound to a certificate', () => {
  const bound = { tlsClientCertificateBoundAccessTokens: true }
  const certificate = certificateOf({ dns: ['a.example'] })

  it('RFC 8705 §3 · C46, C47 · is what a client gets that is registered for it, however it authenticates', async () => {
    const test = serverOf(reports(bound))
    const { access_token: token, token_type } = await test.server.token({
      ...asReports(GRANT),
      clientCertificate: { ...certificate, isVerified: false },
    })
    expect(token_type).toBe('Bearer')
    expect(await test.server.introspect(asReports({ token }))).toMatchObject({
      active: true,
      cnf: { 'x5t#S256': digestOf(certificate) },
    })
  })

  it('RFC 8705 §3.4 · C46 · is the only kind that it gets: without a certificate there is none', async () => {
    const { server } = serverOf(reports(bound))
    expect(await refusalOf(server.token(asReports(GRANT)))).toBe('400 invalid_request')
    const { server: blind } = createTestServer([reports(bound)])
    const request = { ...asReports(GRANT), clientCertificate: certificate }
    expect(await refusalOf(blind.token(request))).toBe('400 invalid_request')
  })

  it('RFC 8705 §3 · C47 · is not what another client gets, though its connection has a certificate', async () => {
    const { server } = serverOf(reports())
    const { access_token: token } = await server.token({ ...asReports(GRANT), clientCertificate: certificate })
    expect(await server.introspect(asReports({ token }))).not.toHaveProperty('cnf')
  })

  it('RFC 8705 §3 · C47, H10 · is bound to a key as well where there is a proof', async () => {
    const { server } = serverOf(reports(bound))
    const key = await makeClientKey()
    const { access_token: token, token_type } = await server.token({
      ...asReports(GRANT),
      clientCertificate: certificate,
      dpop: await proofOf(key),
    })
    expect(token_type).toBe('DPoP')
    expect(await server.introspect(asReports({ token }))).toMatchObject({
      cnf: { jkt: key.jkt, 'x5t#S256': digestOf(certificate) },
    })
  })
})

describe('the metadata', () => {
  it('RFC 8705 §3.3, §5 · C48, K6 · names the endpoints for certificates where those have a host of their own', () => {
    const { server } = createTestServer([], { mutualTls: { origin: 'https://mtls.example.com:8443' } })
    expect(server.metadata).toMatchObject({
      token_endpoint: `${ISSUER}/oauth2/token`,
      tls_client_certificate_bound_access_tokens: true,
      mtls_endpoint_aliases: {
        token_endpoint: 'https://mtls.example.com:8443/oauth2/token',
        introspection_endpoint: 'https://mtls.example.com:8443/oauth2/introspect',
        revocation_endpoint: 'https://mtls.example.com:8443/oauth2/revoke',
      },
    })
    expect(createTestServer([], { mutualTls: {} }).server.metadata).not.toHaveProperty('mtls_endpoint_aliases')
    const { metadata } = createTestServer().server
    expect(metadata).not.toHaveProperty('tls_client_certificate_bound_access_tokens')
    expect(metadata).not.toHaveProperty('mtls_endpoint_aliases')
  })

  it.each([
    'http://mtls.example.com',
    'https://mtls.example.com/',
    'https://mtls.example.com/a',
    'mtls.example.com',
    '',
  ])('RFC 8705 §5 · C48 · takes no other origin: %j', (origin) => {
    expect(() => createTestServer([], { mutualTls: { origin } })).toThrow('mutualTls.origin must be')
  })

  it('RFC 9449 §4.3 · H4 · takes proofs for either address of the token endpoint, each once', async () => {
    const address = 'https://mtls.example.com/oauth2/token'
    const replays = replaysInSight()
    const { server } = createTestServer([reports()], { mutualTls: { origin: 'https://mtls.example.com' }, replays })
    const key = await makeClientKey()
    for (const htu of [address, `${ISSUER}/oauth2/token`]) {
      const dpop = await proofOf(key, { claims: { htu } })
      expect((await respond(server.token({ ...asReports(GRANT), dpop }))).status).toBe(200)
      expect((await respond(server.token({ ...asReports(GRANT), dpop }))).status).toBe(400)
    }
    const { server: without } = createTestServer([reports()], { mutualTls: {}, replays })
    const dpop = await proofOf(key, { claims: { htu: address } })
    expect((await respond(without.token({ ...asReports(GRANT), dpop }))).status).toBe(400)
  })
})
