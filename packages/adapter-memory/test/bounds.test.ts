import {
  createMemoryClientRegistry,
  createMemoryCredentialUses,
  createMemoryReplayGuard,
  createMemorySigningKeyStore,
} from '@latchkey/adapter-memory'
import { defineClient } from '@latchkey/core'
import { describe, expect, it } from 'vitest'

const NOW = 1_700_000_000

describe('a replay guard in memory', () => {
  it('refuses to claim when it is full, rather than let a replay through', async () => {
    const replays = createMemoryReplayGuard({ capacity: 2, clock: { now: () => NOW } })
    expect(await replays.claim('a', NOW)).toBe(true)
    expect(await replays.claim('b', NOW)).toBe(true)
    await expect(replays.claim('c', NOW)).rejects.toThrow('holds 2 claims')
    expect(await replays.claim('a', NOW + 100)).toBe(false)
    expect(await replays.claim('b', NOW + 100)).toBe(false)
  })

  it('has room again for those that have expired', async () => {
    let now = NOW
    const replays = createMemoryReplayGuard({ capacity: 1, clock: { now: () => now } })
    await replays.claim('a', NOW)
    now = NOW + 1
    expect(await replays.claim('b', NOW + 60)).toBe(true)
    await expect(replays.claim('a', NOW + 60)).rejects.toThrow('full')
  })
})

describe('a client registry in memory', () => {
  it('refuses to add when it is full, and replaces and removes all the same', async () => {
    const clients = createMemoryClientRegistry({ capacity: 1 })
    await clients.add(defineClient({ id: 'a' }))
    await expect(clients.add(defineClient({ id: 'b' }))).rejects.toThrow('holds 1 clients')
    expect(await clients.add(defineClient({ id: 'a' }))).toBe(false)
    expect(await clients.replace(defineClient({ id: 'a', name: 'A' }), 1)).toBe(true)
    expect(await clients.remove('a')).toBe(true)
    expect(await clients.add(defineClient({ id: 'b' }))).toBe(true)
  })
})

describe('credential uses in memory', () => {
  it('refuse what there is no room for, and take the rest of the batch', async () => {
    const uses = createMemoryCredentialUses({ capacity: 2 })
    const batch = ['a', 'b', 'c'].map((credentialId) => ({ clientId: 'machine', credentialId, usedAt: 1 }))
    await expect(uses.record(batch)).rejects.toThrow('2 credentials, and refused 1 more')
    await uses.record(batch.slice(0, 2).map((use) => ({ ...use, usedAt: 2 })))
    expect(await uses.of('machine')).toEqual(batch.slice(0, 2).map((use) => ({ ...use, usedAt: 2 })))
  })

  it('hold nothing of a client whose uses were refused', async () => {
    const uses = createMemoryCredentialUses({ capacity: 1 })
    await uses.record([{ clientId: 'machine', credentialId: 'a', usedAt: 1 }])
    await expect(uses.record([{ clientId: 'other', credentialId: 'a', usedAt: 1 }])).rejects.toThrow('full')
    expect(await uses.of('other')).toEqual([])
  })
})

describe('a signing key store in memory', () => {
  it('refuses to add when it is full, and removes all the same', async () => {
    const keys = createMemorySigningKeyStore()
    const key = { alg: 'ES256', publicKey: { kty: 'EC' }, createdAt: NOW, signsFrom: NOW, sealed: 'v1' } as const
    for (let generation = 0; generation < 1000; generation++)
      await keys.add({ ...key, kid: `${generation}` }, generation)
    await expect(keys.add({ ...key, kid: 'one more' }, 1000)).rejects.toThrow('holds 1000 signing keys')
    expect(await keys.remove('0', 1000)).toBe(true)
    expect(await keys.add({ ...key, kid: 'one more' }, 1001)).toBe(true)
  })
})
