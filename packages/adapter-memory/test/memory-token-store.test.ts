import { createMemoryReplayGuard, createMemoryTokenStore } from '@latchkey/adapter-memory'
import type { TokenId } from '@latchkey/core'
import { OAuthError, tokenIdOf } from '@latchkey/core'
import { describe, expect, it } from 'vitest'
import { tokenRecord } from './token-records.ts'

const NOW = 1_700_000_000

describe('a token store in memory', () => {
  it('finds a token that has expired and was not swept: what is expired is not for it to say', async () => {
    const tokens = createMemoryTokenStore({ clock: { now: () => NOW } })
    const expired = tokenRecord('expired', NOW - 1000)
    await tokens.save(expired)
    expect(await tokens.find(expired.id)).toEqual(expired)
  })

  it('hands out what can be changed without changing anything here', async () => {
    const tokens = createMemoryTokenStore()
    const record = { ...tokenRecord('shared', NOW), confirmation: { jkt: 'a' }, claims: { deep: [{ deeper: true }] } }
    await tokens.save(record)
    const found = await tokens.find(record.id)
    for (const part of ['scopes', 'audience', 'confirmation', 'claims'] as const)
      expect(found?.[part]).toSatisfy(Object.isFrozen)
    expect(found?.claims?.['deep']).toSatisfy(Object.isFrozen)
    Object.assign(found ?? {}, { subject: 'another', scopes: [], expiresAt: 0 })
    expect(await tokens.find(record.id)).toEqual(record)
  })

  it('keeps what two tokens have in common for as long as one of them is there', async () => {
    const tokens = createMemoryTokenStore()
    const [first, second] = [tokenRecord('first', NOW), tokenRecord('second', NOW + 10)]
    await tokens.save(first)
    await tokens.save(second)
    await tokens.revoke(first.id, NOW)
    await tokens.revoke(first.id, NOW + 1)
    expect(await tokens.sweep(NOW + 5)).toBe(1)
    await tokens.save({ ...tokenRecord('third', NOW + 10), subject: 'another' })
    expect(await tokens.find(second.id)).toEqual(second)
  })

  it('finds nothing by an id that no token has, and refuses to write it', async () => {
    const tokens = createMemoryTokenStore()
    const record = tokenRecord('a', NOW)
    await tokens.save(record)
    for (const id of ['', 'short', `${record.id}=`, record.id.slice(1), `${record.id.slice(0, 42)}/`] as TokenId[]) {
      expect(await tokens.find(id)).toBeUndefined()
      expect(await tokens.isRevoked(id)).toBe(false)
      const refusal = new TypeError('a token id must be 32 bytes in base64url')
      await expect(tokens.save({ ...record, id })).rejects.toThrow(refusal)
      await expect(tokens.revoke(id, NOW)).rejects.toThrow(refusal)
    }
    expect(await tokens.sweep(NOW + 1)).toBe(1)
  })

  it('refuses to save when it is full of live records, and keeps every one of them', async () => {
    const tokens = createMemoryTokenStore({ capacity: 3, clock: { now: () => NOW } })
    const records = ['a', 'b', 'c'].map((name) => tokenRecord(name, NOW))
    for (const record of records) await tokens.save(record)
    const refusal: unknown = await tokens.save(tokenRecord('d', NOW + 1)).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(Error)
    expect(refusal).not.toBeInstanceOf(OAuthError)
    expect(refusal).toHaveProperty('message', expect.stringContaining('holds 3 tokens and revocations'))
    for (const record of records) expect(await tokens.find(record.id)).toEqual(record)
    expect(await tokens.find(tokenIdOf('d'))).toBeUndefined()
  })

  it('has room again as soon as one has expired, without a sweep', async () => {
    let now = NOW
    const tokens = createMemoryTokenStore({ capacity: 2, clock: { now: () => now } })
    await tokens.save(tokenRecord('first', NOW))
    await tokens.save(tokenRecord('second', NOW + 100))
    now = NOW + 1
    await tokens.save(tokenRecord('third', NOW + 100))
    expect(await tokens.find(tokenIdOf('first'))).toBeUndefined()
    expect(await tokens.find(tokenIdOf('second'))).toBeDefined()
    expect(await tokens.find(tokenIdOf('third'))).toBeDefined()
  })

  it('has room again behind any number of revocations that outlive their tokens', async () => {
    let now = NOW
    const tokens = createMemoryTokenStore({ capacity: 1001, clock: { now: () => now } })
    for (let token = 0; token < 1000; token++) {
      await tokens.save(tokenRecord(`revoked ${token}`, NOW))
      await tokens.revoke(tokenIdOf(`revoked ${token}`), NOW + 120)
    }
    await tokens.save(tokenRecord('last', NOW + 1))
    now = NOW + 2
    await tokens.save(tokenRecord('next', NOW + 3600))
    expect(await tokens.find(tokenIdOf('last'))).toBeUndefined()
    expect(await tokens.isRevoked(tokenIdOf('revoked 999'))).toBe(true)
  })

  it('revokes what it holds even when it is full, and refuses to revoke what it does not', async () => {
    const tokens = createMemoryTokenStore({ capacity: 1, clock: { now: () => NOW } })
    const record = tokenRecord('held', NOW)
    await tokens.save(record)
    await expect(tokens.revoke(tokenIdOf('self-contained'), NOW + 120)).rejects.toThrow('full')
    await tokens.revoke(record.id, NOW + 120)
    expect(await tokens.find(record.id)).toBeUndefined()
    expect(await tokens.isRevoked(record.id)).toBe(true)
  })

  it('saves a record again when it is full, since nothing is added', async () => {
    const tokens = createMemoryTokenStore({ capacity: 1, clock: { now: () => NOW } })
    const record = tokenRecord('held', NOW)
    await tokens.save(record)
    await tokens.save(record)
    expect(await tokens.find(record.id)).toEqual(record)
  })

  it('forgets a record once its second has passed, not in it', async () => {
    const tokens = createMemoryTokenStore()
    await tokens.save(tokenRecord('token', NOW))
    expect(await tokens.sweep(NOW)).toBe(0)
    expect(await tokens.sweep(NOW + 1)).toBe(1)
    expect(await tokens.sweep(NOW + 1)).toBe(0)
  })

  it.each([1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses %s as a time, and keeps nothing of it',
    async (time) => {
      const tokens = createMemoryTokenStore({ capacity: 1, clock: { now: () => NOW } })
      const replays = createMemoryReplayGuard({ capacity: 1, clock: { now: () => NOW } })
      const record = tokenRecord('a', NOW)
      await expect(tokens.save({ ...record, expiresAt: time })).rejects.toThrow(
        new TypeError('expiresAt must be a whole number'),
      )
      await expect(tokens.save({ ...record, issuedAt: time })).rejects.toThrow(
        new TypeError('issuedAt must be a whole number'),
      )
      await expect(tokens.revoke(record.id, time)).rejects.toThrow(new TypeError('expiresAt must be a whole number'))
      await expect(replays.claim('a', time)).rejects.toThrow(new TypeError('expiresAt must be a whole number'))
      expect(await replays.claim('a', NOW)).toBe(true)
      await tokens.save(record)
      expect(await tokens.find(record.id)).toEqual(record)
      expect(await tokens.sweep(Number.NaN)).toBe(0)
    },
  )

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses a capacity of %s by its name', (capacity) => {
    expect(() => createMemoryTokenStore({ capacity })).toThrow(new TypeError('capacity must be a whole number above 0'))
  })
})
