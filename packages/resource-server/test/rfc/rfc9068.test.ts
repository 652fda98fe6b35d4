import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  claimsOf,
  type IssuerKey,
  makeKey,
  NOW,
  sign,
  startIssuer,
  type TestIssuer,
  verifierOf,
} from '../test-issuer.ts'

let issuer: TestIssuer
let key: IssuerKey
beforeAll(async () => {
  key = await makeKey('ES256', 'current')
  issuer = await startIssuer(key)
})
afterAll(() => issuer.close())

async function verdictOn(claims: Record<string, unknown>, header: Record<string, unknown> = {}) {
  const { verifier, reasons } = verifierOf(issuer)
  const authorization = `Bearer ${await sign(key, claimsOf(issuer.issuer, claims), header)}`
  return { verdict: await verifier.verifyBearer({ authorization }), reasons: reasons() }
}

describe('a self-contained token at an API', () => {
  it('RFC 9068 §4 · N5 · passes when all of it is right', async () => {
    expect((await verdictOn({})).verdict).toMatchObject({ ok: true })
  })

  it.each<[string, Record<string, unknown>, Record<string, unknown>, string]>([
    ['another type', {}, { typ: 'JWT' }, 'its typ is another'],
    ['another audience', { aud: 'https://other.example.com' }, {}, 'aud is not this API'],
    ['another issuer', { iss: 'https://evil.example.com' }, {}, 'iss is another issuer'],
    ['no expiry', { exp: undefined }, {}, 'exp is no time'],
    ['an expiry that has passed', { exp: NOW - 5 }, {}, 'the token has expired'],
  ])('RFC 9068 §4 · N5 · is refused with %s', async (_, claims, header, reason) => {
    const { verdict, reasons } = await verdictOn(claims, header)
    expect(verdict).toMatchObject({ status: 401, error: 'invalid_token' })
    expect(reasons).toEqual([reason])
  })

  it('RFC 9068 §4 · N5 · is refused with an algorithm that is not allowed', async () => {
    const { verify, reasons } = verifierOf(issuer, { algorithms: ['ES384'] })
    expect(await verify(await sign(key, claimsOf(issuer.issuer)))).toEqual({ ok: false, error: 'invalid_token' })
    expect(reasons()).toEqual(['its alg is not one of those that are allowed'])
  })

  it.each([{ jkt: 'x'.repeat(43) }, { 'x5t#S256': 'x'.repeat(43) }])(
    'RFC 9449 §7.2 · N6 · is refused when it is bound, and comes without a proof: %j',
    async (cnf) => {
      expect((await verdictOn({ cnf })).verdict).toMatchObject({ status: 401, error: 'invalid_token' })
    },
  )

  it.each([{}, { 'urn:example:new': 'x' }, null, 'text'])(
    'RFC 7800 §3.1 · N9 · is refused with a binding that is not understood: %j',
    async (cnf) => {
      expect((await verdictOn({ cnf })).verdict).toMatchObject({ status: 401, error: 'invalid_token' })
    },
  )
})
