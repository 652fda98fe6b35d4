import type { AdapterWith, CredentialUsesAndClientsPromise, CredentialUsesPromise } from '@latchkey/adapter-contract'
import type { CredentialUse, CredentialUses } from '@latchkey/core'
import type { Broken } from './broken.ts'
import { interruption } from './broken.ts'

/** Keeps uses by a key of one's own, in the way that `keep` decides between two. */
function usesBy(
  keyOf: (use: CredentialUse) => string,
  keep: (before: CredentialUse, next: CredentialUse) => CredentialUse,
): CredentialUses {
  const uses = new Map<string, CredentialUse>()
  return {
    async record(batch) {
      for (const use of batch) {
        const before = uses.get(keyOf(use))
        uses.set(keyOf(use), before === undefined ? use : keep(before, use))
      }
    },
    of: async (clientId) => structuredClone([...uses.values()].filter((use) => use.clientId === clientId)),
  }
}

const pairOf = ({ clientId, credentialId }: CredentialUse): string => `${clientId} ${credentialId}`
const later = (before: CredentialUse, next: CredentialUse): CredentialUse =>
  before.usedAt < next.usedAt ? next : before

export const brokenCredentialUses: Broken<CredentialUses, CredentialUsesPromise> = {
  'The client need not be known, since a batch may come after it has gone': {
    'refuses a batch that names an unknown client': (honest) => ({
      ...honest,
      record: () => Promise.reject(new Error('violates foreign key constraint')),
    }),
    'leaves out unknown clients': (honest) => ({ ...honest, record: async () => {} }),
  },
  'Remembers a batch': {
    'remembers the first of a batch': (honest) => ({ ...honest, record: (uses) => honest.record(uses.slice(0, 1)) }),
    'remembers the first hundred of a batch': (honest) => ({
      ...honest,
      record: (uses) => honest.record(uses.slice(0, 100)),
    }),
    'breaks on a batch of nothing': (honest) => ({
      ...honest,
      async record(uses) {
        if (uses.length === 0) throw new Error('syntax error at end of input')
        await honest.record(uses)
      },
    }),
    'takes credentials of any case for one': () =>
      usesBy(({ clientId, credentialId }) => `${clientId} ${credentialId.toLowerCase()}`, later),
  },
  "What was recorded and what is handed out do not change with the caller's object": {
    'keeps the objects of the batch': () => usesBy(pairOf, later),
    'hands out the list that it holds': (honest) => {
      const held = new Map<string, readonly CredentialUse[]>()
      return {
        ...honest,
        async of(clientId) {
          const uses = held.get(clientId) ?? (await honest.of(clientId))
          held.set(clientId, uses)
          return uses
        },
      }
    },
  },
  'Of two times for one credential the later one stays, in whatever order they come': {
    'keeps the time that came last': () => usesBy(pairOf, (_, next) => ({ ...next })),
    'keeps the time that came first': () => usesBy(pairOf, (before) => before),
    'refuses a batch that names a credential twice': (honest) => ({
      ...honest,
      async record(uses) {
        if (new Set(uses.map(pairOf)).size < uses.length) throw new Error('cannot affect row a second time')
        await honest.record(uses)
      },
    }),
    'compares before it writes': (honest) => {
      const last = usesBy(pairOf, (_, next) => ({ ...next }))
      return {
        ...last,
        async record(uses) {
          const known = (await Promise.all([...new Set(uses.map(({ clientId }) => clientId))].map(last.of))).flat()
          await interruption()
          const byPair = new Map(known.map((use) => [pairOf(use), use.usedAt]))
          await honest.record(uses)
          await last.record(
            [...uses].sort((a, b) => a.usedAt - b.usedAt).filter((use) => use.usedAt > (byPair.get(pairOf(use)) ?? -1)),
          )
        },
      }
    },
  },
  'The last use of each credential of a client, at most one for each': {
    'keeps every use': () => {
      let count = 0
      return usesBy(() => String(count++), later)
    },
    'keeps one use of each client': () => usesBy(({ clientId }) => clientId, later),
    'takes the client for a pattern': (honest) => {
      const all: CredentialUse[] = []
      return {
        async record(uses) {
          all.push(...uses)
          await honest.record(uses)
        },
        async of(clientId) {
          const ids = new Set(all.map((use) => use.clientId))
          return (await Promise.all([...ids].filter((id) => id.startsWith(clientId)).map(honest.of))).flat()
        },
      }
    },
  },
  'empty when none is known, whatever the id holds': {
    'throws when none is known': (honest) => ({
      ...honest,
      async of(clientId) {
        const uses = await honest.of(clientId)
        if (uses.length === 0) throw new Error('no such client')
        return uses
      },
    }),
    'breaks on a NUL': (honest) => ({
      ...honest,
      async of(clientId) {
        if (clientId.includes('\0')) throw new Error('invalid byte sequence')
        return honest.of(clientId)
      },
    }),
  },
}

export const brokenUsesBesideClients: Broken<
  AdapterWith<'clients' | 'credentialUses'>,
  CredentialUsesAndClientsPromise
> = {
  'Apart from the client: recording it never makes a new version of one': {
    'counts the version of the client up': ({ clients, credentialUses }) => ({
      clients,
      credentialUses: {
        ...credentialUses,
        async record(uses) {
          await credentialUses.record(uses)
          for (const { clientId } of uses) {
            const client = await clients.find(clientId)
            if (client !== undefined) await clients.replace(client, client.version)
          }
        },
      },
    }),
  },
}
