import type { ResourceRepositoryPromise, ResourceRepositorySubject } from '@latchkey/adapter-contract'
import type { Resource } from '@latchkey/core'
import type { Broken } from './broken.ts'
import { withTexts } from './broken.ts'

const finding = (
  { resources, put }: ResourceRepositorySubject,
  find: (identifier: string) => Promise<Resource | undefined>,
): ResourceRepositorySubject => ({ resources: { ...resources, find }, put })

export const brokenResourceRepositories: Broken<ResourceRepositorySubject, ResourceRepositoryPromise> = {
  'The resource as it was last written, with every member': {
    'normalises text': (honest) =>
      finding(honest, async (identifier) =>
        withTexts(await honest.resources.find(identifier), (text) => text.normalize()),
      ),
    'has a default for what was left out': (honest) =>
      finding(honest, async (identifier) => {
        const resource = await honest.resources.find(identifier)
        return resource && { name: identifier, ...resource }
      }),
    'remembers the first that it found': (honest) => {
      const found = new Map<string, Resource>()
      return finding(honest, async (identifier) => {
        const resource = found.get(identifier) ?? (await honest.resources.find(identifier))
        if (resource !== undefined) found.set(identifier, resource)
        return structuredClone(resource)
      })
    },
    'merges what is written into what was there': (honest) => ({
      ...honest,
      put: async (resource) => honest.put({ ...(await honest.resources.find(resource.identifier)), ...resource }),
    }),
  },
  'The identifier may hold anything: one that cannot be registered is simply not found': {
    'throws where a backend would': (honest) =>
      finding(honest, (identifier) => {
        if (identifier.includes('\0')) throw new Error('invalid byte sequence for encoding "UTF8": 0x00')
        return honest.resources.find(identifier)
      }),
    'trims identifiers': (honest) => finding(honest, (identifier) => honest.resources.find(identifier.trim())),
  },
  "What is handed out is the caller's: changing it changes nothing here": {
    'hands out the one object that it holds': (honest) => {
      const held = new Map<string, Resource>()
      return finding(honest, async (identifier) => {
        const resource = held.get(identifier) ?? (await honest.resources.find(identifier))
        if (resource !== undefined) held.set(identifier, resource)
        return resource
      })
    },
  },
  '`undefined` when there is none': {
    'answers null': (honest) =>
      finding(
        honest,
        async (identifier) => (await honest.resources.find(identifier)) ?? (null as unknown as undefined),
      ),
    'ignores case': (honest) => ({
      resources: { find: (identifier) => honest.resources.find(identifier.toLowerCase()) },
      put: (resource) => honest.put({ ...resource, identifier: resource.identifier.toLowerCase() }),
    }),
  },
}
