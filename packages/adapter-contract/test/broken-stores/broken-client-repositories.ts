import type { ClientRepositoryPromise, ClientRepositorySubject } from '@latchkey/adapter-contract'
import type { Client, Credential } from '@latchkey/core'
import type { Broken } from './broken.ts'
import { without, withTexts } from './broken.ts'

const finding = (
  { clients, put }: ClientRepositorySubject,
  find: (id: string) => Promise<Client | undefined>,
): ClientRepositorySubject => ({ clients: { ...clients, find }, put })

const forgettingOfCredentials =
  (member: 'label' | 'origin') =>
  (honest: ClientRepositorySubject): ClientRepositorySubject =>
    finding(honest, async (id) => {
      const client = await honest.clients.find(id)
      return (
        client && {
          ...client,
          credentials: client.credentials.map((credential) => without(credential, member) as Credential),
        }
      )
    })

export const brokenClientRepositories: Broken<ClientRepositorySubject, ClientRepositoryPromise> = {
  'The client as it was last written, with every member': {
    'forgets the labels of credentials': forgettingOfCredentials('label'),
    'forgets where credentials come from': forgettingOfCredentials('origin'),
    'normalises text': (honest) =>
      finding(honest, async (id) => withTexts(await honest.clients.find(id), (text) => text.normalize())),
    'has a default for what was left out': (honest) =>
      finding(honest, async (id) => {
        const client = await honest.clients.find(id)
        return client && { name: client.id, ...client }
      }),
    'answers with undefined members': (honest) =>
      finding(honest, async (id) => {
        const client = await honest.clients.find(id)
        return client && ({ name: undefined, ...client } as unknown as Client)
      }),
    'remembers the first that it found': (honest) => {
      const found = new Map<string, Client>()
      return finding(honest, async (id) => {
        const client = found.get(id) ?? (await honest.clients.find(id))
        if (client !== undefined) found.set(id, client)
        return structuredClone(client)
      })
    },
    'merges what is written into what was there': (honest) => ({
      ...honest,
      put: async (client) => honest.put({ ...(await honest.clients.find(client.id)), ...client }),
    }),
    'holds clients in a plain object': (honest) => {
      const clients: Record<string, Client> = {}
      return {
        clients: { find: async (id) => (Object.hasOwn(clients, id) ? structuredClone(clients[id]) : undefined) },
        put: async (client) => {
          clients[client.id] = structuredClone(client)
          await honest.put(client)
        },
      }
    },
    'cuts long ids': (honest) => ({
      ...finding(honest, (id) => honest.clients.find(id.slice(0, 64))),
      put: (client) => honest.put({ ...client, id: client.id.slice(0, 64) }),
    }),
  },
  'The id may hold anything: one that cannot be registered is simply not found': {
    'throws where a backend would': (honest) =>
      finding(honest, (id) => {
        if (id.includes('\0')) throw new Error('invalid byte sequence for encoding "UTF8": 0x00')
        return honest.clients.find(id)
      }),
    'ends an id at a NUL': (honest) => finding(honest, (id) => honest.clients.find(id.split('\0', 1)[0] ?? '')),
    'trims ids': (honest) => finding(honest, (id) => honest.clients.find(id.trim())),
    'finds the members of every object': (honest) => {
      const inherited: Record<string, unknown> = {}
      return finding(honest, async (id) => (await honest.clients.find(id)) ?? (inherited[id] as Client | undefined))
    },
  },
  "What is handed out is the caller's: changing it changes nothing here": {
    'hands out the one object that it holds': (honest) => {
      const held = new Map<string, Client>()
      return finding(honest, async (id) => {
        const client = held.get(id) ?? (await honest.clients.find(id))
        if (client !== undefined) held.set(id, client)
        return client
      })
    },
    'copies the outermost object alone': (honest) => {
      const held = new Map<string, Client>()
      return finding(honest, async (id) => {
        const client = held.get(id) ?? (await honest.clients.find(id))
        if (client !== undefined) held.set(id, client)
        return client && { ...client }
      })
    },
  },
  '`undefined` when there is none': {
    'answers null': (honest) =>
      finding(honest, async (id) => (await honest.clients.find(id)) ?? (null as unknown as undefined)),
    'throws when there is none': (honest) =>
      finding(honest, async (id) => {
        const client = await honest.clients.find(id)
        if (client === undefined) throw new Error('no rows')
        return client
      }),
    'ignores case': (honest) => ({
      clients: { find: (id) => honest.clients.find(id.toLowerCase()) },
      put: (client) => honest.put({ ...client, id: client.id.toLowerCase() }),
    }),
    'takes the id for a pattern': (honest) => {
      const ids: string[] = []
      return {
        put: async (client) => {
          ids.push(client.id)
          await honest.put(client)
        },
        clients: {
          find: async (id) => honest.clients.find(ids.find((known) => known.startsWith(id.slice(0, -1))) ?? id),
        },
      }
    },
  },
}
