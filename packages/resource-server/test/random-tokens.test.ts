import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { claimsOf, makeKey, sign, startIssuer, type TestIssuer, verifierOf } from './test-issuer.ts'

let issuer: TestIssuer
let token: string
beforeAll(async () => {
  const key = await makeKey('ES256', 'current')
  issuer = await startIssuer(key)
  token = await sign(key, claimsOf(issuer.issuer))
})
afterAll(() => issuer.close())

it('refuses a good token in which any one character is another, is gone or is new', async () => {
  const { verify } = verifierOf(issuer)
  const position = fc.nat({ max: token.length - 1 })
  const character = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ')
  const change = fc.tuple(position, character, fc.constantFrom(0, 1), fc.boolean())
  await fc.assert(
    fc.asyncProperty(change, async ([at, letter, removed, kept]) => {
      const changed = token.slice(0, at) + (kept ? letter : '') + token.slice(at + removed)
      if (changed === token) return
      expect(await verify(changed)).toEqual({ ok: false, error: 'invalid_token' })
    }),
    { numRuns: 500 },
  )
})

it('answers whatever comes in the header with a verdict, and never lets it pass', async () => {
  const { verifier } = verifierOf(issuer)
  const header = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.base64String())
  await fc.assert(
    fc.asyncProperty(header, fc.boolean(), async (value, bearer) => {
      const authorization = bearer ? `Bearer ${value}` : value
      const verdict = await verifier.verifyBearer({ authorization, url: `/?${value}`, form: value })
      expect(verdict.ok).toBe(false)
    }),
    { numRuns: 500 },
  )
})
