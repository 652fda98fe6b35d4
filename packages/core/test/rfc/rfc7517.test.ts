import { describe, expect, it } from 'vitest'
import { createJwtTestServer, partsOf } from '../jwt-server.ts'
import { KEY_PAIR_ALGORITHMS } from '../signing-keys.ts'
import { asReports, tokenOf } from '../test-server.ts'

const keysOf = ({ server }: Awaited<ReturnType<typeof createJwtTestServer>>) =>
  (JSON.parse(server.jwks?.({ ifNoneMatch: undefined }).body ?? '{}') as { readonly keys: Record<string, string>[] })
    .keys

const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
  OKP: ['alg', 'crv', 'kid', 'kty', 'use', 'x'],
  RSA: ['alg', 'e', 'kid', 'kty', 'n', 'use'],
}

describe('the published keys', () => {
  it.each(KEY_PAIR_ALGORITHMS)('RFC 7517 §4 · F8 · hold of a key for %s its public half alone', async (alg) => {
    const [key] = keysOf(await createJwtTestServer(undefined, {}, { alg }))
    expect(Object.keys(key ?? {}).sort()).toEqual(MEMBERS[key?.['kty'] ?? ''])
    expect(key).toMatchObject({ use: 'sig', alg })
  })

  it('RFC 7517 §4 · F8 · leave out whatever a signer’s key has beside its public half', async () => {
    const { ring } = await createJwtTestServer()
    const [key] = ring.publishedKeys()
    if (key === undefined) throw new Error('there is a key')
    const published = [{ ...key, publicKey: { ...key.publicKey, d: 'private', k: 'secret', ext: 'true' } }]
    const test = await createJwtTestServer(undefined, { signer: { ...ring, publishedKeys: () => published } })
    expect(Object.keys(keysOf(test)[0] ?? {}).sort()).toEqual(MEMBERS['EC'])
  })

  it('RFC 7517 §5 · F8 · have a kid each, of which no two are the same', async () => {
    const test = await createJwtTestServer()
    await test.ring.rotate()
    const kids = keysOf(test).map(({ kid }) => kid)
    expect(kids).toHaveLength(2)
    expect(new Set(kids).size).toBe(2)
  })

  it('RFC 7517 §5 · F8 · may be kept, are told apart by a tag, and are named by the metadata', async () => {
    const test = await createJwtTestServer()
    const { headers } = test.server.jwks?.({ ifNoneMatch: undefined }) ?? { headers: {} }
    expect(headers).toMatchObject({
      'content-type': 'application/jwk-set+json',
      'cache-control': expect.stringMatching(/^public, max-age=\d+$/) as unknown,
      etag: expect.stringMatching(/^"[\w-]+"$/) as unknown,
    })
    expect(test.server.metadata.jwks_uri).toBe('https://auth.example.com/.well-known/jwks.json')
  })
})

describe('a rotation', () => {
  it('RFC 9700 §2.6 · F9 · publishes a key before it signs, and keeps the one before until its last token has expired', async () => {
    const clock = { seconds: 1_800_000_000, now: () => clock.seconds }
    const schedule = {
      rotateEverySeconds: 5000,
      publishedForSeconds: 300,
      clockSkewSeconds: 60,
      longestTokenSeconds: 3600,
    }
    const test = await createJwtTestServer(undefined, { clock }, { clock, ...schedule })
    const publishedAt = new Map<unknown, number>()
    const live: { readonly token: string; readonly until: number }[] = []
    for (; clock.seconds < 1_800_030_000; clock.seconds += 50) {
      await test.ring.refresh()
      for (const { kid } of keysOf(test)) if (!publishedAt.has(kid)) publishedAt.set(kid, clock.seconds)
      const token = await tokenOf(test)
      const published = publishedAt.get(partsOf(token).header['kid']) ?? Number.POSITIVE_INFINITY
      const isFirst = published === 1_800_000_000
      expect(clock.seconds - published).toBeGreaterThanOrEqual(isFirst ? 0 : 360)
      live.push({ token, until: clock.seconds + 3600 })
      while ((live[0]?.until ?? 0) <= clock.seconds) live.shift()
      const oldest = live[0]?.token ?? ''
      expect(await test.server.introspect(asReports({ token: oldest }))).toMatchObject({ active: true })
    }
    expect(publishedAt.size).toBeGreaterThanOrEqual(6)
    expect(keysOf(test).length).toBeLessThanOrEqual(3)
  })

  it('RFC 9700 §2.6 · F9 · can be an emergency: a key is removed at once, with all that it has signed', async () => {
    const test = await createJwtTestServer()
    const token = await tokenOf(test)
    await test.ring.retireNow(String(partsOf(token).header['kid']))
    expect(await test.server.introspect(asReports({ token }))).toEqual({ active: false })
    test.clock.seconds += 1
    const fresh = await tokenOf(test)
    expect(await test.server.introspect(asReports({ token: fresh }))).toMatchObject({ active: true })
  })
})
