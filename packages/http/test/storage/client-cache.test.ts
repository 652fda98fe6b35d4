import { createMemoryAdapter } from '@latchkey/adapter-memory'
import { type Client, type ClientChanges, defineClient, defineResource, type ResourceRegistry } from '@latchkey/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLog } from '../../src/log/log.ts'
import { clientCacheBound, withClientCache } from '../../src/storage/client-cache.ts'
import type { Storage } from '../../src/storage/storage.ts'

const READER = defineClient({ id: 'reader' })
const SALES = defineResource({ identifier: 'https://sales.example.com', scopes: ['a'] })

let adapter: ReturnType<typeof createMemoryAdapter>

beforeEach(() => {
  vi.useFakeTimers()
  adapter = createMemoryAdapter()
})
afterEach(async () => {
  await adapter.close()
  vi.useRealTimers()
})

/** Storage that outlives the process, as far as the cache can tell, and how often it was asked for a client. */
function setUp(clientCacheTtl?: number, more: Partial<Storage> = {}) {
  const find = vi.fn<(id: string) => Promise<Client | undefined>>((id) => adapter.clients.find(id))
  const close = vi.fn<() => Promise<void>>(async () => undefined)
  const clients = { ...adapter.clients, find }
  const logged: object[] = []
  const log = createLog('info', { write: (line) => logged.push(JSON.parse(line) as object) })
  const opened: Storage = {
    clients,
    requestClients: clients,
    clientChanges: undefined,
    resources: undefined,
    requestResources: undefined,
    credentialUses: undefined,
    keys: undefined,
    tokens: adapter.tokens,
    replays: undefined,
    forgetsClients: false,
    forgetsTokens: false,
    adapters: [adapter],
    sweepers: [],
    migrations: [],
    warnings: [],
    shown: { clients: 'lasting:', tokens: 'lasting:' },
    close,
    ...more,
  }
  return { storage: withClientCache(opened, { config: { clientCacheTtl }, log }), opened, find, close, logged }
}

const told: ClientChanges = { subscribe: async () => async () => undefined }

describe('the client cache of the service', () => {
  it('asks the storage once for many requests, and every time for those who change clients', async () => {
    const { storage, find } = setUp()
    await adapter.clients.add(READER)
    for (let request = 0; request < 10; request += 1) await storage.requestClients.find('reader')
    expect(find).toHaveBeenCalledTimes(1)
    for (let change = 0; change < 3; change += 1) await storage.clients.find('reader')
    expect(find).toHaveBeenCalledTimes(4)
  })

  it('sees what this process writes at once', async () => {
    const { storage } = setUp(60)
    expect(await storage.requestClients.find('reader')).toBeUndefined()
    await storage.clients.add(READER)
    expect(await storage.requestClients.find('reader')).toEqual(READER)
    await storage.clients.remove('reader')
    expect(await storage.requestClients.find('reader')).toBeUndefined()
  })

  it.each([
    ['five seconds where changes are told', undefined, told, 5],
    ['one second where they are not', undefined, undefined, 1],
    ['what the setting says where they are told', 20, told, 20],
    ['what the setting says where they are not', 20, undefined, 20],
  ])('believes a client for %s', async (_, ttl, clientChanges, seconds) => {
    const { storage, find } = setUp(ttl, { clientChanges })
    await vi.advanceTimersByTimeAsync(0)
    await adapter.clients.add(READER)
    await storage.requestClients.find('reader')
    await vi.advanceTimersByTimeAsync(seconds * 1000 - 1)
    await storage.requestClients.find('reader')
    expect(find).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(1)
    await storage.requestClients.find('reader')
    expect(find).toHaveBeenCalledTimes(2)
  })

  it.each([
    ['one second by default', undefined, 1],
    ['what the setting says', 20, 20],
  ])('believes a resource for %s, whatever is told of clients', async (_, ttl, seconds) => {
    const find = vi.fn<ResourceRegistry['find']>((identifier) => adapter.resources.find(identifier))
    const { storage } = setUp(ttl, { clientChanges: told, resources: { ...adapter.resources, find } })
    await adapter.resources.add(SALES)
    for (let request = 0; request < 10; request += 1)
      expect(await storage.requestResources?.find(SALES.identifier)).toEqual(SALES)
    expect(find).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(seconds * 1000 - 1)
    await storage.requestResources?.find(SALES.identifier)
    expect(find).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(1)
    await storage.requestResources?.find(SALES.identifier)
    expect(find).toHaveBeenCalledTimes(2)
  })

  it('sees at once what this process writes of a resource', async () => {
    const { storage } = setUp(60, { resources: adapter.resources })
    const found = () => storage.requestResources?.find(SALES.identifier)
    expect(await found()).toBeUndefined()
    await storage.resources?.add(SALES)
    expect(await found()).toEqual(SALES)
    await storage.resources?.replace({ ...SALES, name: 'Sales' }, 1)
    expect(await found()).toMatchObject({ name: 'Sales', version: 2 })
    await storage.resources?.remove(SALES.identifier)
    expect(await found()).toBeUndefined()
    expect(await storage.resources?.list()).toEqual([])
  })

  it('has no place for resources where the storage has none', () => {
    expect(setUp().storage.requestResources).toBeUndefined()
  })

  it('is not there when it is turned off, or when the clients are in this process anyway', () => {
    const off = setUp(0)
    expect(off.storage).toBe(off.opened)
    const forgetful = setUp(undefined, { forgetsClients: true })
    expect(forgetful.storage).toBe(forgetful.opened)
  })

  it('says in the log when changes are not told, and when they are again', async () => {
    let isAway = true
    const { logged } = setUp(undefined, {
      clientChanges: {
        async subscribe() {
          if (isAway) throw new Error('the backend is away')
          return async () => undefined
        },
      },
    })
    await vi.advanceTimersByTimeAsync(3_000)
    isAway = false
    await vi.advanceTimersByTimeAsync(1_000)
    expect(logged).toMatchObject([
      { level: 'warn', event: 'client_changes_not_told', reason: 'the backend is away', seenWithinSeconds: 1 },
      { level: 'info', event: 'client_changes_told_again' },
    ])
  })

  it('says nothing when changes are told as they should be', async () => {
    const { logged } = setUp(undefined, { clientChanges: told })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(logged).toEqual([])
  })

  it('ends its subscription before the storage is closed', async () => {
    const ends: string[] = []
    const { storage, close } = setUp(undefined, {
      clientChanges: { subscribe: async () => async () => void ends.push('subscription') },
    })
    close.mockImplementation(async () => void ends.push('storage'))
    await vi.advanceTimersByTimeAsync(0)
    await storage.close()
    expect(ends).toEqual(['subscription', 'storage'])
  })

  it('has a bound', () => {
    expect([undefined, 0, 30].map((clientCacheTtl) => clientCacheBound({ clientCacheTtl }))).toEqual([5, 0, 30])
  })
})
