import { inflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { StatusIndexes } from '../../src/index.ts'
import { createJwtTestServer, partsOf } from '../jwt-server.ts'
import { asReports, asStranger, ISSUER, NOW, refusalOf, tokenOf } from '../test-server.ts'

interface Place {
  readonly status_list: { readonly idx: number; readonly uri: string }
}

const PREFIX = `${ISSUER}/status-lists/`
const placeOf = (token: string): Place['status_list'] => (partsOf(token).payload['status'] as Place).status_list

/** One list in plain sight. */
function indexesInSight(): StatusIndexes {
  const bits = new Uint8Array(131_072)
  let next = 0
  return {
    async reserve(count) {
      next += count
      return { list: 'first', first: next - count }
    },
    async revoke(list, index) {
      if (list === 'first') bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7))
    },
    revoked: async (list) => (list === 'first' ? bits.slice() : undefined),
  }
}

async function started(changes: Partial<StatusIndexes> = {}) {
  const honest = indexesInSight()
  const reserved: number[] = []
  const statusIndexes: StatusIndexes = {
    reserve: async (count, expiresAt) => {
      reserved.push(expiresAt)
      return honest.reserve(count, expiresAt)
    },
    revoke: honest.revoke,
    revoked: honest.revoked,
    ...changes,
  }
  const test = await createJwtTestServer(undefined, { statusList: { indexes: statusIndexes, ttlSeconds: 40 } })
  const listOf = async (token: string, ifNoneMatch?: string) => {
    const list = placeOf(token).uri.slice(PREFIX.length)
    const answer = await test.server.statusList?.({ list, ifNoneMatch })
    if (answer === undefined) throw new Error('no list is published')
    return answer
  }
  const bitOf = async (token: string): Promise<number> => {
    const { payload } = partsOf((await listOf(token)).body)
    const { lst } = payload['status_list'] as { readonly lst: string }
    const bytes = inflateSync(Buffer.from(lst, 'base64url'))
    expect(bytes).toHaveLength(131_072)
    const { idx } = placeOf(token)
    return ((bytes[idx >> 3] ?? 0) >> (idx & 7)) & 1
  }
  return { ...test, reserved, listOf, bitOf }
}

describe('the list of revoked tokens', () => {
  it('has a place for each token, none twice, drawn from a block that was reserved once', async () => {
    const test = await started()
    const places = await Promise.all(Array.from({ length: 300 }, async () => placeOf(await tokenOf(test))))
    expect(new Set(places.map(({ idx }) => idx)).size).toBe(300)
    expect(new Set(places.map(({ uri }) => uri)).size).toBe(1)
    expect(places[0]?.uri.startsWith(PREFIX)).toBe(true)
    const order = places.map(({ idx }) => idx)
    expect(order).not.toEqual(order.toSorted((one, other) => one - other))
    expect(order).not.toEqual(order.toSorted((one, other) => other - one))
    // The lifetime, the margin of its revocation, and an hour in which others are given their places.
    expect(test.reserved).toEqual([NOW + 3600 + 120 + 3600])
    test.clock.seconds += 3601
    await tokenOf(test)
    expect(test.reserved).toHaveLength(2)
  })

  it('is a JWT of its own type, signed by a published key, with its address and its lifetime', async () => {
    const test = await started()
    const token = await tokenOf(test)
    const { status, headers, body } = await test.listOf(token)
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'application/statuslist+jwt' })
    const { header, payload } = partsOf(body)
    expect(header).toEqual({ alg: 'ES256', typ: 'statuslist+jwt', kid: partsOf(token).header['kid'] })
    const { uri } = placeOf(token)
    expect(payload).toMatchObject({ iss: ISSUER, sub: uri, iat: NOW, exp: NOW + 80, ttl: 40, status_list: { bits: 1 } })
    // Nothing was revoked, and a list of nothing is hardly there.
    expect(body.length).toBeLessThan(1000)
  })

  it('shows a revocation within its lifetime, however it was kept on the way', async () => {
    const test = await started()
    const [token, other] = [await tokenOf(test), await tokenOf(test)]
    expect(await test.bitOf(token)).toBe(0)
    await test.server.revoke(asReports({ token }))
    test.clock.seconds += 9
    const old = await test.listOf(token)
    expect(old.headers['cache-control']).toBe('public, max-age=31')
    test.clock.seconds += 1
    expect([await test.bitOf(token), await test.bitOf(other)]).toEqual([1, 0])
    expect((await test.listOf(token)).headers['cache-control']).toBe('public, max-age=40')
  })

  it('is not sent again to whoever has it', async () => {
    const test = await started()
    const token = await tokenOf(test)
    const { 'content-type': _, ...headers } = (await test.listOf(token)).headers
    const again = await test.listOf(token, `"other", W/${headers['etag']}`)
    expect(again).toEqual({ status: 304, headers, body: '' })
    expect((await test.listOf(token, '"other"')).status).toBe(200)
  })

  it('holds nothing of a token that its own client did not revoke', async () => {
    const test = await started()
    const token = await tokenOf(test)
    await test.server.revoke(asStranger({ token }))
    expect(await test.bitOf(token)).toBe(0)
  })

  it.each(['unknown', '', '../keys', 'a'.repeat(65), 'a b'])('is not found by the name %j', async (list) => {
    const { server } = await started()
    const answer = await server.statusList?.({ list, ifNoneMatch: '*' })
    expect(answer).toEqual({ status: 404, headers: { 'cache-control': 'no-store' }, body: '' })
  })

  it('is read once for all who ask at a time', async () => {
    let asked = 0
    const bits = new Uint8Array()
    const test = await started({
      async revoked() {
        asked++
        return bits
      },
    })
    const token = await tokenOf(test)
    await Promise.all(Array.from({ length: 20 }, () => test.listOf(token)))
    await test.listOf(token)
    expect(asked).toBe(1)
  })

  it('is not answered for while its storage is away, and is as soon as that is back', async () => {
    let away = true
    const test = await started({
      async revoked() {
        if (away) throw new Error('the backend is away')
        return new Uint8Array()
      },
    })
    const token = await tokenOf(test)
    expect((await test.listOf(token)).status).toBe(503)
    away = false
    expect((await test.listOf(token)).status).toBe(200)
  })

  it('is marked before the token is: a revocation that fails in between can be tried again', async () => {
    let away = true
    const test = await started()
    const token = await tokenOf(test)
    const failing = await started({
      async revoke() {
        if (away) throw new Error('the backend is away')
      },
    })
    const other = await tokenOf(failing)
    expect(await refusalOf(failing.server.revoke(asReports({ token: other })))).toBe('503 temporarily_unavailable')
    expect(failing.revoked.size).toBe(0)
    away = false
    await failing.server.revoke(asReports({ token: other }))
    expect(failing.revoked.size).toBe(1)
    expect(test.revoked.has(String(partsOf(token).payload['jti']))).toBe(false)
  })

  it('stops no token of another format, and refuses one whose place cannot be had', async () => {
    const away = async (): Promise<never> => Promise.reject(new Error('the backend is away'))
    const jwt = await started({ reserve: away })
    expect(await refusalOf(jwt.server.token(asReports({ grant_type: 'client_credentials' })))).toBe(
      '503 temporarily_unavailable',
    )
    const broken = await started({ reserve: async () => ({ list: 'a/b', first: 0 }) })
    expect(await refusalOf(broken.server.token(asReports({ grant_type: 'client_credentials' })))).toBe(
      '500 server_error',
    )
  })

  it('takes keys that are published, and a lifetime that is one', async () => {
    const indexes = indexesInSight()
    await expect(createJwtTestServer(undefined, { statusList: { indexes, ttlSeconds: 0 } })).rejects.toThrow(
      'ttlSeconds',
    )
    await expect(
      createJwtTestServer(undefined, {
        statusList: { indexes },
        signer: undefined,
        jwtSecret: { secret: 's'.repeat(32) },
      }),
    ).rejects.toThrow('statusList needs signer')
  })

  it('is nowhere unless it was asked for', async () => {
    const test = await createJwtTestServer()
    expect(test.server.statusList).toBeUndefined()
    expect(test.server.paths.statusLists).toBeUndefined()
    expect(partsOf(await tokenOf(test)).payload).not.toHaveProperty('status')
  })
})
