import { SIGNING_ALGORITHMS } from '@latchkey/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  API,
  claimsOf,
  type IssuerKey,
  makeKey,
  NOW,
  sign,
  startIssuer,
  type TestIssuer,
  verifierOf,
} from './test-issuer.ts'

const ALGORITHMS = SIGNING_ALGORITHMS

describe('a signed token', () => {
  let issuer: TestIssuer
  let keys: Map<string, IssuerKey>
  beforeAll(async () => {
    keys = new Map(await Promise.all(ALGORITHMS.map(async (alg) => [alg, await makeKey(alg)] as const)))
    issuer = await startIssuer(...keys.values())
  })
  afterAll(() => issuer.close())
  const keyOf = (alg: string): IssuerKey => keys.get(alg) as IssuerKey

  it.each(ALGORITHMS)('passes when it is signed with %s, and tells who holds it', async (alg) => {
    const { verify } = verifierOf(issuer)
    const claims = claimsOf(issuer.issuer, { department: 'sales' })
    expect(await verify(await sign(keyOf(alg), claims))).toEqual({
      ok: true,
      accessToken: {
        clientId: 'nightly-reports',
        subject: 'nightly-reports',
        scopes: ['sales:read'],
        audience: [API],
        issuedAt: NOW - 10,
        expiresAt: NOW + 600,
        id: 'token-1',
        claims,
      },
    })
  })

  it.each([
    ['EdDSA', 'Ed25519'],
    ['Ed25519', 'EdDSA'],
  ])('passes when its header says %s and the key says %s, which are one algorithm', async (alg, other) => {
    const token = await sign({ ...keyOf(other), alg }, claimsOf(issuer.issuer))
    expect(await verifierOf(issuer).verify(token)).toMatchObject({ ok: true })
  })

  it('is refused when it is signed with another algorithm than its key is for', async () => {
    const { privateKey } = keyOf('RS256')
    const pkcs8 = await crypto.subtle.exportKey('pkcs8', privateKey)
    const pss = await crypto.subtle.importKey('pkcs8', pkcs8, { name: 'RSA-PSS', hash: 'SHA-256' }, false, ['sign'])
    const token = await sign({ alg: 'PS256', kid: keyOf('RS256').kid, privateKey: pss }, claimsOf(issuer.issuer))
    const { verify, reasons } = verifierOf(issuer)
    expect(await verify(token)).toEqual({ ok: false, error: 'invalid_token' })
    expect(reasons()).toEqual(['its key is not known'])
  })

  it('is refused when its algorithm is not one of those that the API allows', async () => {
    const { verify } = verifierOf(issuer, { algorithms: ['ES256'] })
    expect(await verify(await sign(keyOf('ES256'), claimsOf(issuer.issuer)))).toMatchObject({ ok: true })
    expect(await verify(await sign(keyOf('RS256'), claimsOf(issuer.issuer)))).toMatchObject({ ok: false })
  })

  it.each(['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/AT+JWT'])('may name its type as %s', async (typ) => {
    const token = await sign(keyOf('ES256'), claimsOf(issuer.issuer), { typ })
    expect(await verifierOf(issuer).verify(token)).toMatchObject({ ok: true })
  })

  it('may be for several APIs, and this one may have several names', async () => {
    const token = await sign(keyOf('ES256'), claimsOf(issuer.issuer, { aud: ['https://other.example.com', API] }))
    const { verify } = verifierOf(issuer, { audience: ['https://former.example.com', API] })
    expect(await verify(token)).toMatchObject({
      ok: true,
      accessToken: { audience: ['https://other.example.com', API] },
    })
  })

  it('may have no scope', async () => {
    const token = await sign(keyOf('ES256'), claimsOf(issuer.issuer, { scope: undefined }))
    expect(await verifierOf(issuer).verify(token)).toMatchObject({ ok: true, accessToken: { scopes: [] } })
  })

  it('is told apart from one that lacks a scope', async () => {
    const token = await sign(keyOf('ES256'), claimsOf(issuer.issuer))
    const { verifier } = verifierOf(issuer)
    expect(await verifier.verify({ token, scopes: ['sales:read'] })).toMatchObject({ ok: true })
    expect(await verifier.verify({ token, scopes: ['sales:read', 'sales:refund'] })).toEqual({
      ok: false,
      error: 'insufficient_scope',
    })
  })

  it.each([
    [0, 0, true],
    [0, 599, true],
    [0, 600, false],
    [5, 604, true],
    [5, 605, false],
    [60, 659, true],
    [60, 660, false],
  ])('with a leeway of %d s after %d s passes: %s', async (leewaySeconds, later, ok) => {
    const { verify, clock } = verifierOf(issuer, { leewaySeconds })
    const token = await sign(keyOf('ES256'), claimsOf(issuer.issuer))
    clock.seconds += later
    expect(await verify(token)).toMatchObject({ ok })
  })

  it('passes by the one of two keys with its id that signed it', async () => {
    const one = await makeKey('ES256', 'twin')
    const other = await makeKey('ES256', 'twin')
    const twins = await startIssuer(one, other)
    const { verify } = verifierOf(twins)
    for (const key of [one, other])
      expect(await verify(await sign(key, claimsOf(twins.issuer)))).toMatchObject({ ok: true })
    await twins.close()
  })

  describe('is refused by a key that', () => {
    it.each<[string, (key: IssuerKey) => object | Promise<object>]>([
      ['is for encryption', ({ jwk }) => ({ ...jwk, use: 'enc' })],
      ['is not for verifying', ({ jwk }) => ({ ...jwk, use: undefined, key_ops: ['sign'] })],
      ['is for another algorithm', ({ jwk }) => ({ ...jwk, alg: 'ES384' })],
      [
        'shows its private part',
        async ({ jwk, privateKey }) => {
          const { d } = (await crypto.subtle.exportKey('jwk', privateKey)) as { d: string }
          return { ...jwk, d }
        },
      ],
      ['is of another curve', ({ jwk }) => ({ ...jwk, crv: 'P-384', alg: undefined })],
      ['is of another type', ({ jwk }) => ({ ...jwk, kty: 'RSA' })],
      ['is no key at all', () => ({ kid: 'ES256 key' })],
      ['cannot be read', ({ jwk }) => ({ ...jwk, x: 'AAAA' })],
    ])('%s, and the other keys still serve', async (_, change) => {
      const key = keyOf('ES256')
      const strange = await startIssuer({ ...key, jwk: (await change(key)) as IssuerKey['jwk'] }, keyOf('RS256'))
      const { verify } = verifierOf(strange)
      expect(await verify(await sign(key, claimsOf(strange.issuer)))).toEqual({ ok: false, error: 'invalid_token' })
      expect(await verify(await sign(keyOf('RS256'), claimsOf(strange.issuer)))).toMatchObject({ ok: true })
      await strange.close()
    })

    it('is an RSA key of 1024 bits', async () => {
      const { privateKey, publicKey } = await crypto.subtle.generateKey(
        { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) },
        true,
        ['sign', 'verify'],
      )
      const jwk = { ...(await crypto.subtle.exportKey('jwk', publicKey)), kid: 'weak', alg: 'RS256' }
      const weak = await startIssuer({ kid: 'weak', alg: 'RS256', privateKey, publicKey, jwk } as IssuerKey)
      const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
      const signed = `${encode({ alg: 'RS256', kid: 'weak', typ: 'at+jwt' })}.${encode(claimsOf(weak.issuer))}`
      const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', privateKey, Buffer.from(signed))
      const { verify } = verifierOf(weak)
      expect(await verify(`${signed}.${Buffer.from(signature).toString('base64url')}`)).toMatchObject({ ok: false })
      await weak.close()
    })
  })
})
