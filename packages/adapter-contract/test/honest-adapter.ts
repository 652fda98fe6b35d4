import type {
  AccessTokenRecord,
  Client,
  ClientRegistry,
  CredentialUse,
  CredentialUses,
  EpochSeconds,
  ReplayGuard,
  SigningKeyRecord,
  SigningKeyStore,
  Sweeper,
  TokenStore,
} from '@latchkey/core'

/** The least that keeps every promise: what the broken stores are made of, each by breaking one thing. */
export interface HonestAdapter {
  readonly clients: ClientRegistry
  readonly credentialUses: CredentialUses
  readonly keys: SigningKeyStore
  readonly tokens: TokenStore
  readonly replays: ReplayGuard
  readonly sweeper: Sweeper
  check(): Promise<void>
  close(): Promise<void>
}

export function createHonestAdapter(): HonestAdapter {
  const records = new Map<string, AccessTokenRecord>()
  const revocations = new Map<string, EpochSeconds>()
  const claims = new Map<string, EpochSeconds>()

  return {
    clients: honestClients(),
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
    sweeper: {
      async sweep(now) {
        let forgotten = 0
        for (const [id, { expiresAt }] of records) if (expiresAt < now && records.delete(id)) forgotten++
        for (const expiring of [revocations, claims])
          for (const [id, expiresAt] of expiring) if (expiresAt < now && expiring.delete(id)) forgotten++
        return forgotten
      },
    },
    async check() {},
    async close() {},
  }
}

function honestClients(): ClientRegistry {
  const clients = new Map<string, Client>()
  return {
    async find(id) {
      return structuredClone(clients.get(id))
    },
    async add(client) {
      if (clients.has(client.id)) return false
      clients.set(client.id, structuredClone(client))
      return true
    },
    async replace(client, expectedVersion) {
      if (clients.get(client.id)?.version !== expectedVersion) return false
      clients.set(client.id, { ...structuredClone(client), version: expectedVersion + 1 })
      return true
    },
    async remove(id) {
      return clients.delete(id)
    },
    async list({ after = '', limit }) {
      const ids = [...clients.keys()].filter((id) => id > after).sort()
      const page = { clients: ids.slice(0, limit).map((id) => structuredClone(clients.get(id) as Client)) }
      return ids.length > limit ? { ...page, next: ids[limit - 1] as string } : page
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
