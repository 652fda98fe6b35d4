import { describe, expect, it } from 'vitest'
import { createJwksEndpoint } from '../../src/endpoints/jwks-endpoint.ts'
import { openRing } from '../signing-keys.ts'

const open = async () => {
  const ring = await openRing({ publishedForSeconds: 300 })
  const jwks = createJwksEndpoint(ring)
  const full = jwks({ ifNoneMatch: undefined })
  return { ring, jwks, full, etag: full.headers['etag'] ?? '' }
}

describe('the keys', () => {
  it('may be kept for as long as a key is announced before it signs, and no longer', async () => {
    const { full } = await open()
    expect(full).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/jwk-set+json', 'cache-control': 'public, max-age=300' },
    })
  })

  it.each([
    ['the tag', (etag: string) => etag],
    ['the tag made weak', (etag: string) => `W/${etag}`],
    ['one tag of several', (etag: string) => `"other" , ${etag}`],
    ['any', () => '*'],
  ])('are not sent again to whoever has them: %s', async (_what, tagOf) => {
    const { jwks, etag, full } = await open()
    const { status, headers, body } = jwks({ ifNoneMatch: tagOf(etag) })
    expect({ status, body }).toEqual({ status: 304, body: '' })
    expect(headers).toEqual({ 'cache-control': full.headers['cache-control'], etag })
  })

  it.each(['', '"other"', 'W/"other"', 'etag'])('are sent to whoever has others: %j', async (ifNoneMatch) => {
    const { jwks, full } = await open()
    expect(jwks({ ifNoneMatch })).toBe(full)
  })

  it('are others, with another tag, after a change', async () => {
    const { ring, jwks, etag } = await open()
    await ring.rotate()
    const after = jwks({ ifNoneMatch: etag })
    expect(after.status).toBe(200)
    expect(after.headers['etag']).not.toBe(etag)
    expect((JSON.parse(after.body) as { keys: unknown[] }).keys).toHaveLength(2)
  })
})
