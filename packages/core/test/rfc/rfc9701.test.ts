import { createLocalJWKSet, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { createIntrospectionJwts } from '../../src/tokens/introspection-jwt.ts'
import { createJwtTestServer, type JwtTestServer, partsOf } from '../jwt-server.ts'
import { asReports, asStranger, createTestServer, NOW, refusalOf, reports, stranger, tokenOf } from '../test-server.ts'

/** The answer for `reports`, as whoever has the published keys reads it. */
async function signedAnswer(test: JwtTestServer, token: string) {
  const jwt = (await test.server.introspectSigned?.(asReports({ token }))) ?? ''
  const { body = '' } = test.server.jwks?.({ ifNoneMatch: undefined }) ?? {}
  return jwtVerify(jwt, createLocalJWKSet(JSON.parse(body) as never), { currentDate: new Date(NOW * 1000) })
}

describe('a signed answer of introspection', () => {
  it.each(['jwt', 'opaque'] as const)(
    'RFC 9701 §5 · I10 · says of a token that is %s what the answer in JSON says',
    async (format) => {
      const test = await createJwtTestServer(undefined, { accessTokenFormat: format })
      const token = await tokenOf(test, 'read')
      const { payload, protectedHeader } = await signedAnswer(test, token)
      expect(protectedHeader).toEqual({
        alg: 'ES256',
        typ: 'token-introspection+jwt',
        kid: test.ring.publishedKeys()[0]?.kid,
      })
      expect(payload).toEqual({
        iss: 'https://auth.example.com',
        aud: 'reports',
        iat: NOW,
        token_introspection: await test.server.introspect(asReports({ token })),
      })
      expect(payload['token_introspection']).toMatchObject({ active: true, client_id: 'reports', scope: 'read' })
    },
  )

  it('RFC 9701 §5 · I10 · says of a token that is not active, or is not the caller’s business, that and nothing more', async () => {
    const test = await createJwtTestServer([reports(), stranger()])
    const token = await tokenOf(test, 'read')
    const foreign = partsOf((await test.server.introspectSigned?.(asStranger({ token }))) ?? '')
    expect(foreign.payload).toEqual({
      iss: 'https://auth.example.com',
      aud: 'stranger',
      iat: NOW,
      token_introspection: { active: false },
    })
    expect((await signedAnswer(test, 'garbage')).payload['token_introspection']).toEqual({ active: false })
  })

  it('RFC 8725 §3.11 · F10 · is no access token, though the same key has signed it', async () => {
    const test = await createJwtTestServer()
    const token = await tokenOf(test, 'read')
    const answer = (await test.server.introspectSigned?.(asReports({ token }))) ?? ''
    expect(await test.server.introspect(asReports({ token: answer }))).toEqual({ active: false })
    expect(await test.server.verifyAccessToken({ token: answer })).toEqual({ ok: false, error: 'invalid_token' })
    expect(await test.server.verifyBearer({ authorization: `Bearer ${answer}` })).toMatchObject({ ok: false })
  })

  it('RFC 9701 §4 · I10 · is given to nobody who has not authenticated', async () => {
    const test = await createJwtTestServer()
    const token = await tokenOf(test, 'read')
    const { authorization, ...rest } = asReports({ token })
    expect(authorization).toBeDefined()
    expect(await refusalOf(test.server.introspectSigned?.(rest) as Promise<unknown>)).toBe('401 invalid_client')
  })

  it('RFC 9701 §7 · K6 · is announced in the metadata where it can be had, with its algorithm', async () => {
    const { server } = await createJwtTestServer(undefined, {}, { alg: 'EdDSA' })
    expect(server.metadata.introspection_signing_alg_values_supported).toEqual(['EdDSA'])
    const unsigned = createTestServer()
    expect(unsigned.server.metadata).not.toHaveProperty('introspection_signing_alg_values_supported')
    expect(unsigned.server.introspectSigned).toBeUndefined()
  })

  it('RFC 9701 §5 · I10 · is no answer at all where there is no key to sign it', async () => {
    const signer = {
      publishedForSeconds: 1,
      longestTokenSeconds: 1,
      publishedKeys: () => [],
      signingKey: () => {
        throw new Error('no key is left')
      },
    }
    const jwts = createIntrospectionJwts({ issuer: 'https://auth.example.com', signer, clock: { now: () => NOW } })
    expect(jwts.presentAlgorithm()).toBeUndefined()
    await expect(jwts.sign({ active: false }, 'reports')).rejects.toMatchObject({
      code: 'server_error',
      reason: 'Signer.signingKey failed: no key is left',
    })
  })
})
