import type { ResourceRegistryPromise } from '@latchkey/adapter-contract'
import type { Resource, ResourceRegistry } from '@latchkey/core'
import type { Broken } from './broken.ts'
import { glimpse, interruption } from './broken.ts'

/** Writes whatever was there, which no honest registry does for anybody. */
async function force(resources: ResourceRegistry, resource: Resource): Promise<void> {
  await resources.remove(resource.identifier)
  await resources.add(resource)
}

export const brokenResourceRegistries: Broken<ResourceRegistry, ResourceRegistryPromise> = {
  'Changes are atomic and seen by the next `find`': {
    'removes before it adds anew': (honest) => ({
      ...honest,
      async replace(resource, expectedVersion) {
        if ((await honest.find(resource.identifier))?.version !== expectedVersion) return false
        await honest.remove(resource.identifier)
        await glimpse()
        return honest.add({ ...resource, version: expectedVersion + 1 })
      },
    }),
    'replaces in two steps': (honest) => ({
      ...honest,
      async replace(resource, expectedVersion) {
        const before = await honest.find(resource.identifier)
        if (before?.version !== expectedVersion) return false
        await force(honest, { ...before, scopes: resource.scopes })
        await glimpse()
        await force(honest, { ...resource, version: expectedVersion + 1 })
        return true
      },
    }),
    'remembers that there was none': (honest) => {
      const none = new Set<string>()
      return {
        ...honest,
        async find(identifier) {
          const resource = none.has(identifier) ? undefined : await honest.find(identifier)
          if (resource === undefined) none.add(identifier)
          return resource
        },
      }
    },
  },
  "What was written does not change with the caller's object": {
    'keeps the object that it was given': (honest) => {
      const given = new Map<string, Resource>()
      return {
        ...honest,
        add: async (resource) => {
          given.set(resource.identifier, resource)
          return honest.add(resource)
        },
        find: async (identifier) => structuredClone(given.get(identifier) ?? (await honest.find(identifier))),
      }
    },
    'keeps the object that replaces': (honest) => {
      const given = new Map<string, Resource>()
      return {
        ...honest,
        replace: async (resource, expectedVersion) => {
          given.set(resource.identifier, { ...resource, version: expectedVersion + 1 })
          return honest.replace(resource, expectedVersion)
        },
        find: async (identifier) => structuredClone(given.get(identifier) ?? (await honest.find(identifier))),
      }
    },
  },
  'Adds a resource': {
    'adds nothing': (honest) => ({ ...honest, add: async () => true }),
    'adds it as the first version': (honest) => ({
      ...honest,
      add: (resource) => honest.add({ ...resource, version: 1 }),
    }),
  },
  'false, with nothing changed, when the identifier is taken': {
    'overwrites, and says that it did not': (honest) => ({
      ...honest,
      async add(resource) {
        const isNew = (await honest.find(resource.identifier)) === undefined
        await force(honest, resource)
        return isNew
      },
    }),
    'throws when the identifier is taken': (honest) => ({
      ...honest,
      async add(resource) {
        if (!(await honest.add(resource))) throw new Error('duplicate key value violates unique constraint')
        return true
      },
    }),
  },
  'of two additions at once exactly one wins': {
    'looks before it adds': (honest) => ({
      ...honest,
      async add(resource) {
        if ((await honest.find(resource.identifier)) !== undefined) return false
        await interruption()
        await force(honest, resource)
        return true
      },
    }),
  },
  'Puts `resource` in the place of the one with its identifier, as `expectedVersion + 1`, whatever `resource.version` says':
    {
      'believes the version of the resource': (honest) => ({
        ...honest,
        async replace(resource, expectedVersion) {
          if ((await honest.find(resource.identifier))?.version !== expectedVersion) return false
          await force(honest, resource)
          return true
        },
      }),
      'keeps the members that are left out': (honest) => ({
        ...honest,
        replace: async (resource, version) =>
          honest.replace({ ...(await honest.find(resource.identifier)), ...resource }, version),
      }),
    },
  'false, with nothing changed, when there is none or its version is another': {
    'replaces whatever the version': (honest) => ({
      ...honest,
      async replace(resource, expectedVersion) {
        const before = await honest.find(resource.identifier)
        return honest.replace(resource, before?.version ?? expectedVersion)
      },
    }),
    'adds where there is none': (honest) => ({
      ...honest,
      replace: async (resource, version) => (await honest.replace(resource, version)) || honest.add(resource),
    }),
  },
  'of two replacements at once exactly one wins': {
    'compares before it replaces': (honest) => ({
      ...honest,
      async replace(resource, expectedVersion) {
        if ((await honest.find(resource.identifier))?.version !== expectedVersion) return false
        await interruption()
        await force(honest, { ...resource, version: expectedVersion + 1 })
        return true
      },
    }),
  },
  'Removes a resource': {
    'removes nothing': (honest) => ({
      ...honest,
      remove: async (identifier) => (await honest.find(identifier)) !== undefined,
    }),
  },
  'false when there was none': {
    'always says that it removed one': (honest) => ({
      ...honest,
      remove: async (identifier) => (await honest.remove(identifier)) || true,
    }),
  },
  'Every resource, each once, in the order of identifiers by their UTF-16 code units': {
    'orders by a language': (honest) => ({
      ...honest,
      list: async () =>
        (await honest.list()).toSorted((a, b) => new Intl.Collator('en').compare(a.identifier, b.identifier)),
    }),
    'lists names instead of resources': (honest) => ({
      ...honest,
      list: async () => (await honest.list()).map(({ identifier, name }) => ({ identifier, name }) as Resource),
    }),
    'lists no more than ten': (honest) => ({ ...honest, list: async () => (await honest.list()).slice(0, 10) }),
  },
}
