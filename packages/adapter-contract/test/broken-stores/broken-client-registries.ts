import type { ClientRegistryPromise } from '@latchkey/adapter-contract'
import type { Client, ClientRegistry } from '@latchkey/core'
import type { Broken } from './broken.ts'
import { glimpse, interruption } from './broken.ts'
import { brokenClientLists } from './broken-client-lists.ts'

type WritePromise = Exclude<ClientRegistryPromise, keyof typeof brokenClientLists>

/** Writes whatever was there, which no honest registry does for anybody. */
async function force(clients: ClientRegistry, client: Client): Promise<void> {
  await clients.remove(client.id)
  await clients.add(client)
}

const brokenClientWrites: Broken<ClientRegistry, WritePromise> = {
  'Changes are atomic and seen by the next `find`': {
    'replaces in two steps': (honest) => ({
      ...honest,
      async replace(client, expectedVersion) {
        const before = await honest.find(client.id)
        if (before?.version !== expectedVersion) return false
        await force(honest, { ...before, resourceServerFor: client.resourceServerFor })
        await glimpse()
        await force(honest, { ...client, version: expectedVersion + 1 })
        return true
      },
    }),
    'removes before it adds anew': (honest) => ({
      ...honest,
      async replace(client, expectedVersion) {
        if ((await honest.find(client.id))?.version !== expectedVersion) return false
        await honest.remove(client.id)
        await glimpse()
        return honest.add({ ...client, version: expectedVersion + 1 })
      },
    }),
    'remembers that there was none': (honest) => {
      const none = new Set<string>()
      return {
        ...honest,
        async find(id) {
          const client = none.has(id) ? undefined : await honest.find(id)
          if (client === undefined) none.add(id)
          return client
        },
      }
    },
    'answers before it has written': (honest) => ({
      ...honest,
      async replace(client, expectedVersion) {
        if ((await honest.find(client.id))?.version !== expectedVersion) return false
        void interruption().then(() => honest.replace(client, expectedVersion))
        return true
      },
    }),
  },
  "What was written does not change with the caller's object": {
    'keeps the object that it was given': (honest) => {
      const given = new Map<string, Client>()
      return {
        ...honest,
        add: async (client) => {
          given.set(client.id, client)
          return honest.add(client)
        },
        find: async (id) => structuredClone(given.get(id) ?? (await honest.find(id))),
      }
    },
    'keeps the object that replaces': (honest) => {
      const given = new Map<string, Client>()
      return {
        ...honest,
        replace: async (client, expectedVersion) => {
          given.set(client.id, { ...client, version: expectedVersion + 1 })
          return honest.replace(client, expectedVersion)
        },
        find: async (id) => structuredClone(given.get(id) ?? (await honest.find(id))),
      }
    },
  },
  'Adds a client': {
    'adds nothing': (honest) => ({ ...honest, add: async () => true }),
    'adds it as the first version': (honest) => ({ ...honest, add: (client) => honest.add({ ...client, version: 1 }) }),
    'answers with a number of rows': (honest) => ({
      ...honest,
      add: async (client) => Number(await honest.add(client)) as unknown as boolean,
    }),
  },
  'false, with nothing changed, when the id is taken': {
    'overwrites, and says that it did not': (honest) => ({
      ...honest,
      async add(client) {
        const isNew = (await honest.find(client.id)) === undefined
        await force(honest, client)
        return isNew
      },
    }),
    'says nothing when the id is taken': (honest) => ({
      ...honest,
      add: async (client) => (await honest.add(client)) || (undefined as unknown as boolean),
    }),
    'throws when the id is taken': (honest) => ({
      ...honest,
      async add(client) {
        if (!(await honest.add(client))) throw new Error('duplicate key value violates unique constraint')
        return true
      },
    }),
  },
  'of two additions at once exactly one wins': {
    'looks before it adds': (honest) => ({
      ...honest,
      async add(client) {
        if ((await honest.find(client.id)) !== undefined) return false
        await interruption()
        await force(honest, client)
        return true
      },
    }),
    'keeps the last, and lets the first win': (honest) => ({
      ...honest,
      async add(client) {
        const won = await honest.add(client)
        if (!won) await force(honest, client)
        return won
      },
    }),
  },
  'Puts `client` in the place of the one with its id, as `expectedVersion + 1`, whatever `client.version` says': {
    'believes the version of the client': (honest) => ({
      ...honest,
      async replace(client, expectedVersion) {
        if ((await honest.find(client.id))?.version !== expectedVersion) return false
        await force(honest, client)
        return true
      },
    }),
    'keeps the members that are left out': (honest) => ({
      ...honest,
      replace: async (client, version) => honest.replace({ ...(await honest.find(client.id)), ...client }, version),
    }),
  },
  'false, with nothing changed, when there is none or its version is another': {
    'replaces whatever the version': (honest) => ({
      ...honest,
      async replace(client, expectedVersion) {
        const before = await honest.find(client.id)
        return honest.replace(client, before?.version ?? expectedVersion)
      },
    }),
    'adds where there is none': (honest) => ({
      ...honest,
      replace: async (client, version) => (await honest.replace(client, version)) || honest.add(client),
    }),
    'replaces, and says that it did not': (honest) => ({
      ...honest,
      async replace(client, expectedVersion) {
        const replaced = await honest.replace(client, expectedVersion)
        if (!replaced && (await honest.find(client.id))) await force(honest, client)
        return replaced
      },
    }),
    'throws when the version is another': (honest) => ({
      ...honest,
      async replace(client, expectedVersion) {
        if (!(await honest.replace(client, expectedVersion))) throw new Error('no row was updated')
        return true
      },
    }),
  },
  'of two replacements at once exactly one wins': {
    'compares before it replaces': (honest) => ({
      ...honest,
      async replace(client, expectedVersion) {
        if ((await honest.find(client.id))?.version !== expectedVersion) return false
        await interruption()
        await force(honest, { ...client, version: expectedVersion + 1 })
        return true
      },
    }),
  },
  'Removes a client': {
    'removes nothing': (honest) => ({ ...honest, remove: async (id) => (await honest.find(id)) !== undefined }),
    'keeps the id from being used again': (honest) => {
      const removed = new Set<string>()
      return {
        ...honest,
        remove: (id) => honest.remove(removed.add(id) && id),
        add: async (client) => !removed.has(client.id) && honest.add(client),
      }
    },
  },
  'false when there was none': {
    'always says that it removed one': (honest) => ({
      ...honest,
      remove: async (id) => (await honest.remove(id)) || true,
    }),
    'throws when there was none': (honest) => ({
      ...honest,
      async remove(id) {
        if (!(await honest.remove(id))) throw new Error('no row was deleted')
        return true
      },
    }),
  },
}

export const brokenClientRegistries: Broken<ClientRegistry, ClientRegistryPromise> = {
  ...brokenClientWrites,
  ...brokenClientLists,
}
