import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { claimsOf, json, NOW, PATHS, startIssuer, status, type TestIssuer, verifierOf } from '../test-issuer.ts'

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await startIssuer()
})
afterEach(() => issuer.close())

const answer = (changes: Record<string, unknown> = {}): void => {
  issuer.answers.set(PATHS.introspection, json({ active: true, ...claimsOf(issuer.issuer, changes) }))
}
const asking = (cacheSeconds: number) =>
  verifierOf(issuer, { introspection: { clientId: 'sales-api', clientSecret: 's3cret', cacheSeconds } })

describe('an answer of introspection', () => {
  it('RFC 7662 §4 · N8 · is kept no longer than the token lives', async () => {
    answer({ exp: NOW + 7 })
    const { verify, clock } = asking(60)
    await verify('token')
    issuer.answers.set(PATHS.introspection, json({ active: false }))
    clock.seconds = NOW + 6
    expect(await verify('token')).toMatchObject({ ok: true })
    clock.seconds = NOW + 7
    expect(await verify('token')).toMatchObject({ ok: false })
  })

  it('RFC 7662 §4 · N8 · is kept no longer than a minute', async () => {
    answer()
    const { verify, clock } = asking(60)
    await verify('token')
    issuer.answers.set(PATHS.introspection, json({ active: false }))
    clock.seconds = NOW + 59
    expect(await verify('token')).toMatchObject({ ok: true })
    clock.seconds = NOW + 60
    expect(await verify('token')).toMatchObject({ ok: false })
    expect(() => asking(61)).toThrow('cacheSeconds')
  })

  it('RFC 7662 §4 · N8 · that failed is neither a yes nor a no, and is not kept', async () => {
    issuer.answers.set(PATHS.introspection, status(503))
    const { verify } = asking(60)
    await expect(verify('token')).rejects.toMatchObject({ status: 503 })
    answer()
    expect(await verify('token')).toMatchObject({ ok: true })
  })
})
