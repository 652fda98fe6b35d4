import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resourceMetadataResponse, type TokenVerifier, verifyRequest } from '../src/index.ts'
import { API, claimsOf, makeKey, PATHS, sign, startIssuer, status, type TestIssuer, verifierOf } from './test-issuer.ts'

let issuer: TestIssuer
let token: string
let verifier: TokenVerifier
beforeEach(async () => {
  const key = await makeKey('ES256', 'current')
  issuer = await startIssuer(key)
  token = await sign(key, claimsOf(issuer.issuer))
  verifier = verifierOf(issuer, { resourceMetadata: {} }).verifier
})
afterEach(() => issuer.close())

const METADATA = 'resource_metadata="https://sales.example.com/.well-known/oauth-protected-resource"'
const request = (path: string, authorization?: string): Request =>
  new Request(`${API}${path}`, authorization === undefined ? {} : { headers: { authorization } })

async function refusalOf(asked: Request, scopes?: readonly string[]) {
  const verdict = await verifyRequest(verifier, asked, { scopes })
  if (verdict.ok) throw new Error('it passed')
  const { status: code, headers } = verdict.response
  return [code, headers.get('www-authenticate'), await verdict.response.text()]
}

describe('verifyRequest', () => {
  it('hands out the token by which a request passes', async () => {
    const verdict = await verifyRequest(verifier, request('/sales', `Bearer ${token}`), { scopes: ['sales:read'] })
    expect(verdict).toMatchObject({ ok: true, accessToken: { clientId: 'nightly-reports' } })
  })

  it('answers every other as RFC 6750 says', async () => {
    expect(await refusalOf(request('/sales'))).toEqual([401, `Bearer realm="${API}", ${METADATA}`, ''])
    expect(await refusalOf(request('/sales', 'Bearer made-up'))).toEqual([
      401,
      `Bearer error="invalid_token", ${METADATA}`,
      '',
    ])
    expect(await refusalOf(request('/sales', `Bearer ${token}`), ['sales:refund'])).toEqual([
      403,
      `Bearer error="insufficient_scope", scope="sales:refund", ${METADATA}`,
      '',
    ])
    for (const asked of [
      request(`/sales?access_token=${token}`, `Bearer ${token}`),
      request('/sales', `Bearer ${token}, Bearer ${token}`),
      request('/sales', 'Bearer'),
    ])
      expect(await refusalOf(asked)).toEqual([400, `Bearer error="invalid_request", ${METADATA}`, ''])
  })

  it('answers 503 while the issuer is away, and 500 for a fault of its own', async () => {
    issuer.answers.set(PATHS.metadata, status(500))
    expect(await refusalOf(request('/sales', `Bearer ${token}`))).toEqual([
      503,
      null,
      '{"error":"temporarily_unavailable","error_description":"the token cannot be verified at the moment"}',
    ])
    const broken = { verifyBearer: () => Promise.reject(new Error('secret detail')) }
    const verdict = await verifyRequest(broken, request('/sales', `Bearer ${token}`))
    if (verdict.ok) throw new Error('it passed')
    expect(verdict.response.status).toBe(500)
    expect(await verdict.response.text()).not.toContain('secret detail')
  })
})

describe('resourceMetadataResponse', () => {
  const PATH = '/.well-known/oauth-protected-resource'

  it('answers who asks for the metadata, and nobody else', async () => {
    const response = resourceMetadataResponse(verifier, request(PATH))
    expect(await response?.json()).toMatchObject({ resource: API })
    expect(resourceMetadataResponse(verifier, request('/sales'))).toBeUndefined()
    expect(resourceMetadataResponse(verifier, request(`${PATH}/v1`))).toBeUndefined()
    expect(resourceMetadataResponse(verifier, new Request(API + PATH, { method: 'POST' }))?.status).toBe(405)
    expect(await resourceMetadataResponse(verifier, new Request(API + PATH, { method: 'HEAD' }))?.text()).toBe('')
  })

  it('answers nobody where there is none', () => {
    expect(resourceMetadataResponse(verifierOf(issuer).verifier, request(PATH))).toBeUndefined()
  })
})
