import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TokenVerifier } from '../../src/index.ts'
import { API, claimsOf, makeKey, sign, startIssuer, type TestIssuer, verifierOf } from '../test-issuer.ts'

let issuer: TestIssuer
let verifier: TokenVerifier
let token: string
beforeAll(async () => {
  const key = await makeKey('ES256', 'current')
  issuer = await startIssuer(key)
  verifier = verifierOf(issuer).verifier
  token = await sign(key, claimsOf(issuer.issuer))
})
afterAll(() => issuer.close())

describe('a request to an API that verifies tokens by itself', () => {
  it.each([
    ['in a query', { url: '/sales?access_token=' }],
    ['in a body', { form: { access_token: '' } }],
  ])('RFC 6750 §2 · N1 · takes no token %s', async (_, elsewhere) => {
    const question = JSON.parse(
      JSON.stringify({ authorization: undefined, ...elsewhere }).replace(/(access_token(?:=|":"))/, `$1${token}`),
    )
    expect(await verifier.verifyBearer(question)).toMatchObject({ ok: false, status: 400 })
  })

  it('RFC 6750 §2.1 · N1 · takes a token in the Authorization header, whatever the case of its scheme', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER'])
      expect(await verifier.verifyBearer({ authorization: `${scheme} ${token}` })).toMatchObject({ ok: true })
  })

  it.each([
    ['the header twice', { authorization: ['Bearer x', 'Bearer x'] }],
    ['the header twice, of which one is no bearer’s', { authorization: ['Basic x', 'Bearer x'] }],
    ['the header and the query', { authorization: 'Bearer x', url: '/?access_token=x' }],
    ['the header and the query, spelt otherwise', { authorization: 'Bearer x', url: '/?a&%61ccess_token' }],
    ['the header and the body', { authorization: 'Bearer x', form: { access_token: 'x' } }],
  ])('RFC 6750 §3.1 · N2 · refuses two tokens at once, with a challenge: %s', async (_, question) => {
    const verdict = await verifier.verifyBearer(
      JSON.parse(JSON.stringify(question).replaceAll('Bearer x', `Bearer ${token}`)),
    )
    expect(verdict).toMatchObject({
      ok: false,
      status: 400,
      error: 'invalid_request',
      headers: { 'www-authenticate': 'Bearer error="invalid_request"' },
    })
  })

  it.each([undefined, '', 'Basic cmVwb3J0czp4', 'DPoP abc'])(
    'RFC 6750 §3.1 · N3 · names no error to who shows no token: %j',
    async (authorization) => {
      const verdict = await verifier.verifyBearer({ authorization, scopes: ['sales:read'] })
      expect(verdict).toEqual({ ok: false, status: 401, headers: { 'www-authenticate': `Bearer realm="${API}"` } })
    },
  )

  it('RFC 6750 §3.1 · N4 · answers a token that lacks a scope with 403, and says which are needed', async () => {
    const question = { authorization: `Bearer ${token}`, scopes: ['sales:read', 'sales:refund'] }
    expect(await verifier.verifyBearer(question)).toMatchObject({
      status: 403,
      error: 'insufficient_scope',
      headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="sales:read sales:refund"' },
    })
  })

  it('RFC 6750 §3.1 · N4 · answers a void token with 401, though it lacks a scope as well', async () => {
    const question = { authorization: `Bearer ${token}x`, scopes: ['sales:refund'] }
    expect(await verifier.verifyBearer(question)).toMatchObject({ status: 401, error: 'invalid_token' })
  })
})
