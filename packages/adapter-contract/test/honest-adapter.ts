import type {
  AccessTokenRecord,
  Client,
  ClientChanges,
  ClientRegistry,
  CredentialUse,
  CredentialUses,
  EpochSeconds,
  Migrations,
  ReplayGuard,
  Resource,
  ResourceRegistry,
  SigningKeyRecord,
  SigningKeyStore,
  StatusIndexes,
  Sweeper,
  TokenStore,
} from '@latchkey/core'

/** The least that keeps every promise: what the broken stores are made of, each by breaking one thing. */
export interface HonestAdapter {
  readonly clients: ClientRegistry
  readonly clientChanges: ClientChanges
  readonly resources: ResourceRegistry
  readonly credentialUses: CredentialUses
  readonly keys: SigningKeyStore
  readonly tokens: TokenStore
  readonly replays: ReplayGuard
  readonly statusIndexes: StatusIndexes
  readonly sweeper: Sweeper
  readonly migrations: Migrations
  check(): Promise<void>
  close(): Promise<void>
}

export function createHonestAdapter(): HonestAdapter {
  const records = new Map<string, AccessTokenRecord>()
  const revocations = new Map<string, EpochSeconds>()
  const claims = new Map<string, EpochSeconds>()
  const lists = honestLists()

  return {
    ...honestClients(),
    resources: honestResources(),
    credentialUses: honestUses(),
    keys: honestKeys(),
    tokens: {
      async save(record) {
        if (!records.has(record.id)) records.set(record.id, structuredClone(record))
      },
      async find(id) {
        return revocations.has(id) ? undefined : structuredClone(records.get(id))
      },
      async revoke(id, expiresAt) {
        revocations.set(id, Math.max(expiresAt, revocations.get(id) ?? 0))
      },
      async isRevoked(id) {
        return revocations.has(id)
      },
    },
    replays: {
      async claim(key, expiresAt) {
        if (claims.has(key)) return false
        claims.set(key, expiresAt)
        return true
      },
    },
    statusIndexes: lists,
    sweeper: {
      async sweep(now) {
        let forgotten = 0
        for (const [id, { expiresAt }] of records) if (expiresAt < now && records.delete(id)) forgotten++
        for (const expiring of [revocations, claims])
          for (const [id, expiresAt] of expiring) if (expiresAt < now && expiring.delete(id)) forgotten++
        lists.sweep(now)
        return forgotten
      },
    },
    migrations: honestMigrations(),
    async check() {},
    async close() {},
  }
}

function honestClients(): Pick<HonestAdapter, 'clients' | 'clientChanges'> {
  const clients = new Map<string, Client>()
  const listeners = new Set<readonly [(id: string) => void]>()
  const tell = (id: string): true => {
    for (const [onChange] of listeners) onChange(id)
    return true
  }
  return {
    clients: {
      async find(id) {
        return structuredClone(clients.get(id))
      },
      async add(client) {
        if (clients.has(client.id)) return false
        clients.set(client.id, structuredClone(client))
        return tell(client.id)
      },
      async replace(client, expectedVersion) {
        if (clients.get(client.id)?.version !== expectedVersion) return false
        clients.set(client.id, { ...structuredClone(client), version: expectedVersion + 1 })
        return tell(client.id)
      },
      async remove(id) {
        return clients.delete(id) && tell(id)
      },
      async list({ after = '', limit }) {
        const ids = [...clients.keys()].filter((id) => id > after).sort()
        const page = { clients: ids.slice(0, limit).map((id) => structuredClone(clients.get(id) as Client)) }
        return ids.length > limit ? { ...page, next: ids[limit - 1] as string } : page
      },
    },
    clientChanges: {
      async subscribe(onChange) {
        // Of its own, so that two who listen with one function are two.
        const listener = [onChange] as const
        listeners.add(listener)
        return async () => void listeners.delete(listener)
      },
    },
  }
}

function honestResources(): ResourceRegistry {
  const resources = new Map<string, Resource>()
  return {
    async find(identifier) {
      return structuredClone(resources.get(identifier))
    },
    async add(resource) {
      if (resources.has(resource.identifier)) return false
      resources.set(resource.identifier, structuredClone(resource))
      return true
    },
    async replace(resource, expectedVersion) {
      if (resources.get(resource.identifier)?.version !== expectedVersion) return false
      resources.set(resource.identifier, { ...structuredClone(resource), version: expectedVersion + 1 })
      return true
    },
    async remove(identifier) {
      return resources.delete(identifier)
    },
    async list() {
      const identifiers = [...resources.keys()].sort()
      return identifiers.map((identifier) => structuredClone(resources.get(identifier) as Resource))
    },
  }
}

function honestMigrations(): Migrations {
  const steps = ['1 clients', '2 tokens', '3 revocations']
  const taken = new Set<string>()
  const pending = async (): Promise<readonly string[]> => steps.filter((step) => !taken.has(step))
  return {
    pending,
    async apply() {
      const mine: string[] = []
      for (const step of steps) {
        await Promise.resolve()
        if (taken.has(step)) continue
        taken.add(step)
        mine.push(step)
      }
      return mine
    },
  }
}

function honestUses(): CredentialUses {
  const uses = new Map<string, CredentialUse>()
  return {
    async record(batch) {
      for (const use of batch) {
        const key = JSON.stringify([use.clientId, use.credentialId])
        if ((uses.get(key)?.usedAt ?? -1) < use.usedAt) uses.set(key, { ...use })
      }
    },
    async of(clientId) {
      return [...uses.values()].filter((use) => use.clientId === clientId).map((use) => ({ ...use }))
    },
  }
}

function honestKeys(): SigningKeyStore {
  const keys = new Map<string, SigningKeyRecord>()
  let generation = 0
  return {
    list: async () => structuredClone({ generation, keys: [...keys.values()] }),
    async add(key, expectedGeneration) {
      if (generation !== expectedGeneration || keys.has(key.kid)) return false
      keys.set(key.kid, structuredClone(key))
      generation++
      return true
    },
    async remove(kid, expectedGeneration) {
      if (generation !== expectedGeneration || !keys.delete(kid)) return false
      generation++
      return true
    },
  }
}

function honestLists(): StatusIndexes & { sweep(now: EpochSeconds): void } {
  const lists = new Map<string, { next: number; expiresAt: EpochSeconds; readonly bits: Uint8Array }>()
  let open = 0
  return {
    async reserve(count, expiresAt) {
      if ((lists.get(`list-${open}`)?.next ?? 0) + count > 1_048_576) open++
      const name = `list-${open}`
      const list = lists.get(name) ?? { next: 0, expiresAt, bits: new Uint8Array(131_072) }
      lists.set(name, list)
      list.next += count
      list.expiresAt = Math.max(list.expiresAt, expiresAt)
      return { list: name, first: list.next - count }
    },
    async revoke(name, index) {
      const { bits } = lists.get(name) ?? {}
      if (bits !== undefined) bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7))
    },
    revoked: async (name) => lists.get(name)?.bits.slice(),
    sweep(now) {
      for (const [name, { expiresAt }] of lists) {
        if (expiresAt >= now) continue
        lists.delete(name)
        // Its name must not come back: an index of it would be reserved twice.
        open++
      }
    },
  }
}
