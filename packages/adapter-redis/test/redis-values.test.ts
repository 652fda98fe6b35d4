import { createRedisAdapter } from '@latchkey/adapter-redis'
import type { Adapter, TokenId } from '@latchkey/core'
import { defineClient, tokenIdOf } from '@latchkey/core'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKeys } from '../src/keys.ts'
import { forget, freshPrefix, keysUnder, sharedRedis } from './shared-redis.ts'
import { tokenRecord } from './token-records.ts'

const prefix = freshPrefix('values')
const keys = createKeys(prefix)
const now = () => Math.floor(Date.now() / 1000)

let redis: Redis
let adapter: Required<Pick<Adapter, 'clients' | 'keys' | 'tokens' | 'replays' | 'credentialUses' | 'close'>>

beforeAll(async () => {
  redis = sharedRedis()
  adapter = await createRedisAdapter({ client: sharedRedis(), prefix })
})
afterAll(async () => {
  await adapter.close()
  await forget(redis, prefix)
  await redis.quit()
})

let names = 0
const freshId = (): TokenId => tokenIdOf(`token ${names++}`)
const freshToken = (expiresAt: number) => tokenRecord(`token ${names++}`, expiresAt)

describe('what is kept in Redis', () => {
  it('stays until a minute after it expires, so that nodes whose clocks differ agree', async () => {
    const expiresAt = now() + 1000
    const token = freshToken(expiresAt)
    const revoked = freshId()
    await adapter.tokens.save(token)
    await adapter.tokens.revoke(revoked, expiresAt)
    await adapter.replays.claim('kept', expiresAt)
    for (const key of [keys.token(token.id), keys.token(revoked), keys.claim('kept')]) {
      const seconds = (await redis.pttl(key)) / 1000
      expect(seconds).toBeGreaterThan(1030)
      expect(seconds).toBeLessThanOrEqual(1062)
    }
  })

  it('stays for a second at least, even if it has expired', async () => {
    const token = freshToken(1)
    await adapter.tokens.save(token)
    expect(await redis.pttl(keys.token(token.id))).toBeLessThanOrEqual(1000)
    expect(await adapter.replays.claim('late', 1)).toBe(true)
    expect(await redis.pttl(keys.claim('late'))).toBeLessThanOrEqual(1000)
  })

  it('takes expiries as far ahead as numbers are exact', async () => {
    const token = freshToken(Number.MAX_SAFE_INTEGER)
    await adapter.tokens.save(token)
    expect(await adapter.tokens.find(token.id)).toEqual(token)
    await adapter.tokens.revoke(token.id, Number.MAX_SAFE_INTEGER)
    expect(await adapter.tokens.find(token.id)).toBeUndefined()
  })

  it('stays for as long as the later of two revocations asks, and as long as the token', async () => {
    const [up, down, token] = [freshId(), freshId(), freshToken(now() + 3000)]
    for (const after of [1000, 2000]) await adapter.tokens.revoke(up, now() + after)
    for (const after of [2000, 1000]) await adapter.tokens.revoke(down, now() + after)
    for (const id of [up, down]) expect(await redis.ttl(keys.token(id))).toBeGreaterThan(1900)
    await adapter.tokens.save(token)
    await adapter.tokens.revoke(token.id, now() + 10)
    expect(await redis.ttl(keys.token(token.id))).toBeGreaterThan(2900)
    expect(await adapter.tokens.isRevoked(token.id)).toBe(true)
  })

  it('is not kept for longer by a claim that came second', async () => {
    await adapter.replays.claim('first', now() + 100)
    await adapter.replays.claim('first', now() + 10_000)
    expect(await redis.ttl(keys.claim('first'))).toBeLessThan(200)
  })

  it('has an end, or is about clients', async () => {
    await adapter.clients.add(defineClient({ id: 'endless' }))
    const found = await keysUnder(redis, prefix)
    expect(found).not.toEqual([])
    for (const key of found) if ((await redis.pttl(key)) === -1) expect(key).toContain(':{clients}:')
  })

  it('forgets what a removed client last used', async () => {
    await adapter.clients.add(defineClient({ id: 'removed' }))
    await adapter.credentialUses.record([{ clientId: 'removed', credentialId: 'a', usedAt: 1 }])
    await adapter.clients.remove('removed')
    expect(await adapter.credentialUses.of('removed')).toEqual([])
  })
})

describe('a value that cannot be read', () => {
  /** A value of another kind, of another version, cut short, and of another type. */
  const BROKEN: readonly ((key: string) => Promise<unknown>)[] = [
    (key) => redis.set(key, ''),
    (key) => redis.set(key, 'token/2:[]'),
    (key) => redis.set(key, 'token/1:["machine"'),
    (key) => redis.set(key, 'token/1:["machine"]'),
    (key) => redis.set(key, 'client/1:1:x:{"id":"another"}'),
    (key) => redis.set(key, 'client/1:x'),
    (key) => redis.lpush(key, 'of another type'),
  ]
  const refused = expect.objectContaining({ message: expect.stringMatching(/cannot be read|WRONGTYPE/) })

  it.each(BROKEN)('is never a token that is unknown, revoked or not (%#)', async (breakIt) => {
    const id = freshId()
    await breakIt(keys.token(id))
    await expect(adapter.tokens.find(id)).rejects.toEqual(refused)
    await expect(adapter.tokens.isRevoked(id)).rejects.toEqual(refused)
  })

  it('fails for whoever asks for it alone, however many ask with him', async () => {
    const tokens = Array.from({ length: 40 }, () => freshToken(now() + 1000))
    await Promise.all(tokens.map(adapter.tokens.save))
    const [broken, unknown] = [freshId(), freshId()]
    await redis.lpush(keys.token(broken), 'of another type')
    const outcomes = Promise.allSettled([broken, unknown].map((id) => adapter.tokens.find(id)))
    expect(await Promise.all(tokens.map(({ id }) => adapter.tokens.find(id)))).toEqual(tokens)
    expect(await outcomes).toEqual([
      { status: 'rejected', reason: refused },
      { status: 'fulfilled', value: undefined },
    ])
  })

  it('is not overwritten by a revocation, unless it is a token that cannot be read', async () => {
    const id = freshId()
    await redis.set(keys.token(id), 'of nobody')
    await expect(adapter.tokens.revoke(id, now() + 10)).rejects.toEqual(refused)
    expect(await redis.get(keys.token(id))).toBe('of nobody')
    await redis.set(keys.token(id), 'token/1:["machine"')
    await adapter.tokens.revoke(id, now() + 10)
    expect(await adapter.tokens.isRevoked(id)).toBe(true)
  })

  it.each(BROKEN)('is never a claim that was not made yet (%#)', async (breakIt) => {
    const key = `broken ${names++}`
    await breakIt(keys.claim(key))
    await expect(adapter.replays.claim(key, now() + 10)).rejects.toEqual(refused)
  })

  it.each(BROKEN)('is never a client that is not there (%#)', async (breakIt) => {
    const client = defineClient({ id: `broken-${names++}` })
    await breakIt(keys.client(client.id))
    await expect(adapter.clients.find(client.id)).rejects.toEqual(refused)
  })

  it.each(BROKEN.filter((_, index) => index !== 4))('is neither added to nor replaced (%#)', async (breakIt) => {
    const client = defineClient({ id: `broken-${names++}` })
    await breakIt(keys.client(client.id))
    await expect(adapter.clients.add(client)).rejects.toEqual(refused)
    await expect(adapter.clients.replace(client, 1)).rejects.toEqual(refused)
  })

  it('makes the list of clients fail, until that client is removed', async () => {
    const client = defineClient({ id: '~~~broken' })
    await adapter.clients.add(client)
    await redis.set(keys.client(client.id), 'corrupted')
    await expect(adapter.clients.list({ after: '~~', limit: 10 })).rejects.toEqual(refused)
    expect(await adapter.clients.remove(client.id)).toBe(true)
    expect(await adapter.clients.list({ after: '~~', limit: 10 })).toEqual({ clients: [] })
  })

  it('makes the list of clients fail where one has gone without its id', async () => {
    const client = defineClient({ id: '~~~halved' })
    await adapter.clients.add(client)
    await redis.del(keys.client(client.id))
    await expect(adapter.clients.list({ after: '~~', limit: 10 })).rejects.toEqual(refused)
    await redis.zrem(keys.clientIds, client.id)
  })

  it('is never a credential that was not used', async () => {
    await redis.set(keys.uses('of another type'), '')
    await expect(adapter.credentialUses.of('of another type')).rejects.toEqual(refused)
    await redis.hset(keys.uses('corrupted'), 'a', 'yesterday')
    await expect(adapter.credentialUses.of('corrupted')).rejects.toEqual(refused)
    const use = { clientId: 'corrupted', credentialId: 'a', usedAt: 1 }
    await expect(adapter.credentialUses.record([use])).rejects.toEqual(refused)
  })

  it.each([
    ['generation', 'many'],
    ['key:kid', 'signing-key/2:{}'],
    ['key:kid', 'signing-key/1:{'],
    ['key:kid', 'signing-key/1:{"kid":"another"}'],
    ['of nobody', ''],
  ])('is never a set of signing keys without one (%s: %s)', async (field, value) => {
    await redis.hset(keys.signingKeys, field, value)
    await expect(adapter.keys.list()).rejects.toEqual(refused)
    await redis.del(keys.signingKeys)
    await redis.set(keys.signingKeys, 'of another type')
    await expect(adapter.keys.list()).rejects.toEqual(refused)
    await expect(adapter.keys.remove('kid', 0)).rejects.toEqual(refused)
    await redis.del(keys.signingKeys)
  })

  it('changes nothing of a registry whose ids are of another type', async () => {
    const broken = createKeys(`${prefix}:ids`)
    await redis.set(broken.clientIds, '')
    const other = await createRedisAdapter({ client: sharedRedis(), prefix: `${prefix}:ids` })
    const client = defineClient({ id: 'unlisted' })
    await expect(other.clients.add(client)).rejects.toEqual(refused)
    expect(await other.clients.find(client.id)).toBeUndefined()
    await expect(other.clients.list({ limit: 1 })).rejects.toEqual(refused)
    await other.close()
  })
})
