import { describe, expect, it } from 'vitest'
import { createTestServer, tokenOf } from '../test-server.ts'

const refusal = (status: number, error?: string) => ({ ok: false, status, ...(error !== undefined && { error }) })

describe('verifyBearer', () => {
  it('lets an active token with every scope pass', async () => {
    const test = createTestServer()
    const token = await tokenOf(test, 'read')
    for (const scheme of ['Bearer', 'bearer', 'BEARER  '])
      expect(await test.server.verifyBearer({ authorization: `${scheme} ${token}`, scopes: ['read'] })).toMatchObject({
        ok: true,
        record: { clientId: 'reports' },
        client: { id: 'reports' },
      })
  })

  it.each([undefined, '', 'Basic abc', 'DPoP abc'])(
    'names no error when no bearer token was sent: %j',
    async (authorization) => {
      const verdict = await createTestServer().server.verifyBearer({ authorization, scopes: ['read'] })
      // RFC 6750 §3: the scheme MUST be followed by one or more auth-param values.
      const headers = { 'www-authenticate': 'Bearer realm="https://auth.example.com"' }
      expect(verdict).toEqual({ ...refusal(401), headers })
      expect(JSON.stringify(verdict)).not.toContain('scope')
    },
  )

  it.each(['Bearer', 'Bearer ', 'Bearer a b', 'Bearer a, Bearer b'])(
    'calls %j a malformed request',
    async (authorization) => {
      expect(await createTestServer().server.verifyBearer({ authorization })).toEqual({
        ...refusal(400, 'invalid_request'),
        headers: { 'www-authenticate': 'Bearer error="invalid_request"' },
      })
    },
  )

  it('names the scopes that are needed, and not those that the token has', async () => {
    const test = createTestServer()
    const authorization = `Bearer ${await tokenOf(test, 'read')}`
    expect(await test.server.verifyBearer({ authorization, scopes: ['write', 'erase'] })).toEqual({
      ...refusal(403, 'insufficient_scope'),
      headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="write erase"' },
    })
  })

  it('names nothing but the error when the token is not active', async () => {
    expect(await createTestServer().server.verifyBearer({ authorization: 'Bearer made-up', scopes: ['read'] })).toEqual(
      {
        ...refusal(401, 'invalid_token'),
        headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
      },
    )
  })

  it('says that nobody knows when the backend is away', async () => {
    const test = createTestServer()
    const authorization = `Bearer ${await tokenOf(test)}`
    const broken = createTestServer(undefined, ({ tokens }) => ({
      tokens: { ...tokens, find: () => Promise.reject(new Error('away')) },
    }))
    await expect(broken.server.verifyBearer({ authorization })).rejects.toMatchObject({
      code: 'temporarily_unavailable',
    })
  })
})
