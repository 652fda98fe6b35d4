import { describe, expect, it } from 'vitest'
import { defineClient, documentResponse } from '../../src/index.ts'
import { type AssertionKey, asserting, assertionOf, makeAssertionKey } from '../client-assertions.ts'
import { replaysInSight } from '../dpop-proofs.ts'
import { asReports, createTestServer, GRANT, ISSUER, refusalOf, respond } from '../test-server.ts'

describe('RFC 9700', () => {
  it('RFC 9700 §2.6 · P1 · publishes what there is, and nothing that there is not', () => {
    const { metadata, paths } = createTestServer().server
    expect(JSON.parse(documentResponse(metadata).body)).toMatchObject({
      issuer: ISSUER,
      token_endpoint: ISSUER + paths.token,
    })
    expect(paths.metadata).toBe('/.well-known/oauth-authorization-server')
  })

  it('RFC 9700 §2.3 · P3 · gives tokens that are for one audience, though nobody asked for that', async () => {
    const { server } = createTestServer()
    const { access_token: token } = await server.token(asReports(GRANT))
    expect(await server.introspect(asReports({ token }))).toMatchObject({ aud: ISSUER })
  })

  it('RFC 9700 §2.2.1 · P4 · offers tokens that are bound to a key, and to a certificate', () => {
    const { metadata } = createTestServer([], { replays: replaysInSight(), mutualTls: {} }).server
    expect(metadata).toMatchObject({
      dpop_signing_alg_values_supported: expect.arrayContaining(['ES256']),
      tls_client_certificate_bound_access_tokens: true,
    })
  })

  it.each(['password', 'implicit', 'authorization_code', 'refresh_token'])(
    'RFC 9700 §2.4 · P5 · has no grant of a person’s: %s',
    async (grant) => {
      const { server } = createTestServer()
      const asked = { grant_type: grant, username: 'a', password: 'b', code: 'c', refresh_token: 'd' }
      expect(await refusalOf(server.token(asReports(asked)))).toBe('400 unsupported_grant_type')
      expect(server.metadata.grant_types_supported).not.toContain(grant)
      expect(server.metadata).not.toHaveProperty('authorization_endpoint')
    },
  )

  it('RFC 9700 §4.15 · P6 · lets no client choose what it is called, or in whose name its tokens are', async () => {
    const { server } = createTestServer()
    const { access_token: token } = await server.token(asReports({ ...GRANT, sub: 'admin', subject: 'admin' }))
    expect(await server.introspect(asReports({ token }))).toMatchObject({ sub: 'reports', client_id: 'reports' })
    expect(server.metadata).not.toHaveProperty('registration_endpoint')
  })

  it('RFC 7523 §3 · P8 · takes nothing that a client has signed for another server, though it uses one key pair for both', async () => {
    const key = await makeAssertionKey()
    const statusAt = async (aud: unknown, legacyAssertionAudience = false) => {
      const { server } = createTestServer([machine(key, legacyAssertionAudience)], { replays: replaysInSight() })
      return (await respond(server.token(asserting(await assertionOf(key, { claims: { aud } }))))).status
    }
    for (const aud of [
      'https://other.example',
      'https://other.example/oauth2/token',
      [ISSUER, 'https://other.example'],
    ])
      for (const legacy of [false, true]) expect([aud, legacy, await statusAt(aud, legacy)]).toEqual([aud, legacy, 401])
    // What a hostile server could have it sign for: its "token endpoint". It counts where the operator says so, and there alone.
    expect(await statusAt(`${ISSUER}/oauth2/token`)).toBe(401)
    expect(await statusAt(`${ISSUER}/oauth2/token`, true)).toBe(200)
  })
})

const machine = ({ jwk }: AssertionKey, legacyAssertionAudience: boolean) =>
  defineClient({
    id: 'machine',
    credentials: [{ kind: 'jwks', id: 'keys', keys: [jwk] }],
    scopes: { read: true },
    legacyAssertionAudience,
  })
