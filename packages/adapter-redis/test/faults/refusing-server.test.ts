import { openAdapter } from '@latchkey/adapter-redis'
import type { Adapter } from '@latchkey/core'
import { defineClient, tokenIdOf } from '@latchkey/core'
import { startRedis } from '@latchkey/test-backends'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { tokenRecord } from '../token-records.ts'
import { until } from './until.ts'

const EXPIRES_AT = 4_102_444_800

let server: Awaited<ReturnType<typeof startRedis>>
let redis: Redis
let adapter: Required<Adapter>

beforeAll(async () => {
  server = await startRedis()
  redis = new Redis(server.port)
  adapter = (await openAdapter(new URL(server.url))) as Required<Adapter>
})
afterAll(async () => {
  await adapter.close()
  await redis.quit()
  await server.stop()
})

it('refuses to write to a Redis that is full, forgets nothing of what is there, and writes again when there is room', async () => {
  const token = tokenRecord('before', EXPIRES_AT)
  await adapter.tokens.save(token)
  await adapter.replays.claim('before', EXPIRES_AT)
  await redis.config('SET', 'maxmemory', '1mb')
  const writes = {
    save: () => adapter.tokens.save(tokenRecord('full', EXPIRES_AT)),
    revoke: () => adapter.tokens.revoke(tokenIdOf('full, revoked'), EXPIRES_AT),
    claim: () => adapter.replays.claim('full', EXPIRES_AT),
    add: () => adapter.clients.add(defineClient({ id: 'full' })),
    check: () => adapter.check(),
  }
  for (const write of Object.values(writes)) await expect(write()).rejects.toThrow('OOM')
  expect(await adapter.tokens.find(token.id)).toEqual(token)
  expect(await adapter.clients.find('full')).toBeUndefined()
  await redis.config('SET', 'maxmemory', '0')
  await adapter.check()
  expect(await writes.add()).toBe(true)
  expect(await writes.claim()).toBe(true)
  expect(await adapter.replays.claim('before', EXPIRES_AT)).toBe(false)
})

it('fails for as long as Redis is paused, and serves again afterwards', async () => {
  const token = tokenRecord('paused', EXPIRES_AT)
  await adapter.tokens.save(token)
  // Six times as long as any command waits.
  await redis.call('CLIENT', 'PAUSE', '6000', 'ALL')
  await expect(adapter.check()).rejects.toThrow('Redis')
  const asked = await Promise.allSettled([
    adapter.tokens.find(token.id),
    adapter.tokens.isRevoked(token.id),
    adapter.tokens.save(tokenRecord('while paused', EXPIRES_AT)),
    adapter.replays.claim('while paused', EXPIRES_AT),
    adapter.clients.find('paused'),
  ])
  expect(asked.map(({ status }) => status)).toEqual(Array(5).fill('rejected'))
  await until(() => adapter.check())
  expect(await adapter.tokens.find(token.id)).toEqual(token)
})

it('fails while Redis is a replica, and says so', async () => {
  await redis.replicaof('127.0.0.1', 1)
  await expect(adapter.tokens.save(tokenRecord('on a replica', EXPIRES_AT))).rejects.toThrow('READONLY')
  await expect(adapter.check()).rejects.toThrow('READONLY')
  await redis.replicaof('NO', 'ONE')
  await adapter.check()
})

it('refuses what too many replicas would have to have, though it is written', async () => {
  const patient = await openAdapter(new URL(`${server.url}?wait_replicas=1`))
  await expect(patient.tokens?.save(tokenRecord('alone', EXPIRES_AT))).rejects.toThrow('0 of 1 replicas')
  await expect(patient.replays?.claim('alone', EXPIRES_AT)).rejects.toThrow('0 of 1 replicas')
  await expect(patient.tokens?.revoke(tokenIdOf('alone'), EXPIRES_AT)).rejects.toThrow('0 of 1 replicas')
  await patient.close()
})

it('knows its scripts no more after a flush, and brings them along again', async () => {
  await adapter.clients.add(defineClient({ id: 'scripted' }))
  await redis.script('FLUSH')
  const tokens = Array.from({ length: 50 }, (_, index) => tokenRecord(`flushed ${index}`, EXPIRES_AT))
  await Promise.all(tokens.map(adapter.tokens.save))
  expect(await Promise.all(tokens.map(({ id }) => adapter.tokens.find(id)))).toEqual(tokens)
  await Promise.all(
    Array.from({ length: 50 }, (_, index) => adapter.tokens.revoke(tokenIdOf(`flushed, revoked ${index}`), EXPIRES_AT)),
  )
  expect(await adapter.clients.remove('scripted')).toBe(true)
})
