import type { TokenStorePromise } from '@latchkey/adapter-contract'
import type { TokenId, TokenStore } from '@latchkey/core'
import type { Broken } from './broken.ts'
import { interruption } from './broken.ts'

type RevocationPromise = Extract<
  TokenStorePromise,
  | '`undefined` for an unknown id, whatever it holds, and for a revoked one'
  | 'Idempotent, and as durable as `save`'
  | 'Also for a self-contained token, which is never saved'
  | 'A later `save` does not undo it'
  | 'Asked for self-contained tokens only: a reference token is known to be good by `find`'
>

/** Asks by another id than the one that was meant. */
const findingBy =
  (change: (id: string) => string) =>
  (honest: TokenStore): TokenStore => ({ ...honest, find: (id) => honest.find(change(id) as TokenId) })

export const brokenRevocations: Broken<TokenStore, RevocationPromise> = {
  '`undefined` for an unknown id, whatever it holds, and for a revoked one': {
    'never revokes': (honest) => ({ ...honest, revoke: async () => {} }),
    'revokes everything': (honest) => {
      let all = false
      return {
        ...honest,
        find: async (id) => (all ? undefined : honest.find(id)),
        revoke: async () => {
          all = true
        },
      }
    },
    'revokes when it has time': (honest) => ({
      ...honest,
      async revoke(id, expiresAt) {
        void interruption().then(() => honest.revoke(id, expiresAt))
      },
    }),
    'answers null': (honest) => ({
      ...honest,
      find: async (id) => (await honest.find(id)) ?? (null as unknown as undefined),
    }),
    'throws for an unknown id': (honest) => ({
      ...honest,
      async find(id) {
        const record = await honest.find(id)
        if (record === undefined) throw new Error('no rows')
        return record
      },
    }),
    'breaks on a NUL': (honest) => ({
      ...honest,
      async find(id) {
        if (id.includes('\0')) throw new Error('invalid byte sequence for encoding "UTF8": 0x00')
        return honest.find(id)
      },
    }),
    'ends an id at a NUL': findingBy((id) => id.split('\0', 1)[0] ?? ''),
    'cuts ids to their length': findingBy((id) => id.slice(0, 43)),
  },
  'Idempotent, and as durable as `save`': {
    'throws when a token is revoked already': (honest) => ({
      ...honest,
      async revoke(id, expiresAt) {
        if (await honest.isRevoked(id)) throw new Error('duplicate key value violates unique constraint')
        await honest.revoke(id, expiresAt)
      },
    }),
    'undoes a revocation that is made twice': (honest) => {
      const revoked = new Set<TokenId>()
      return {
        ...honest,
        isRevoked: async (id) => revoked.has(id),
        async revoke(id) {
          if (!revoked.delete(id)) revoked.add(id)
        },
      }
    },
  },
  'Also for a self-contained token, which is never saved': {
    'revokes only what was saved': (honest) => ({
      ...honest,
      async revoke(id, expiresAt) {
        if (await honest.find(id)) await honest.revoke(id, expiresAt)
      },
    }),
    'throws for a token that was not saved': (honest) => ({
      ...honest,
      async revoke(id, expiresAt) {
        if ((await honest.find(id)) === undefined) throw new Error('no such token')
        await honest.revoke(id, expiresAt)
      },
    }),
  },
  'A later `save` does not undo it': {
    'unrevokes what is saved': (honest) => {
      const revoked = new Set<TokenId>()
      return {
        ...honest,
        find: async (id) => (revoked.has(id) ? undefined : honest.find(id)),
        isRevoked: async (id) => revoked.has(id),
        async revoke(id) {
          revoked.add(id)
        },
        async save(record) {
          revoked.delete(record.id)
          await honest.save(record)
        },
      }
    },
    'revokes by removing the record': (honest) => {
      const removed = new Set<TokenId>()
      return {
        ...honest,
        find: async (id) => (removed.has(id) ? undefined : honest.find(id)),
        async revoke(id, expiresAt) {
          if (await honest.find(id)) removed.add(id)
          else await honest.revoke(id, expiresAt)
        },
        async save(record) {
          removed.delete(record.id)
          await honest.save(record)
        },
      }
    },
    'looks for a revocation before it saves': (honest) => {
      const found = new Map<TokenId, Awaited<ReturnType<TokenStore['find']>>>()
      const revoked = new Set<TokenId>()
      return {
        ...honest,
        find: async (id) => structuredClone(found.get(id)),
        isRevoked: async (id) => revoked.has(id),
        async revoke(id) {
          revoked.add(id)
          found.delete(id)
        },
        async save(record) {
          if (revoked.has(record.id)) return
          await interruption()
          found.set(record.id, record)
        },
      }
    },
  },
  'Asked for self-contained tokens only: a reference token is known to be good by `find`': {
    'takes every unknown token for revoked': (honest) => ({
      ...honest,
      isRevoked: async (id) => (await honest.find(id)) === undefined,
    }),
    'breaks on a NUL': (honest) => ({
      ...honest,
      async isRevoked(id) {
        if (id.includes('\0')) throw new Error('invalid byte sequence')
        return honest.isRevoked(id)
      },
    }),
    'cuts ids to their length': (honest) => ({
      ...honest,
      isRevoked: (id) => honest.isRevoked(id.slice(0, 43) as TokenId),
    }),
  },
}
