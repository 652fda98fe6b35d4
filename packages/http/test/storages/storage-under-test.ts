import { freshDatabase, freshPrefix, freshSchema } from '@latchkey/test-backends'
import { inject } from 'vitest'
import { readConfig } from '../../src/config/read-config.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import type { Storage } from '../../src/storage/storage.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Which storage the tests of a project run on; `memory` where none is said. */
    readonly storageUnderTest?: StorageName
    /** Where the nodes of the Redis Cluster listen, in the project that has one. */
    readonly redisCluster?: readonly string[]
  }
}

/** Every storage that answers the same requests with the same answers. */
export type StorageName = 'memory' | 'postgres' | 'postgres-second-schema' | 'redis' | 'redis-cluster' | 'mixed'

/** Addresses that nobody else uses, for the two halves of storage. */
interface StorageAddresses {
  readonly settings: Readonly<Record<'LATCHKEY_CLIENT_STORAGE' | 'LATCHKEY_TOKEN_STORAGE', string>>
  /** Leaves nothing of what was kept there behind. */
  remove(): Promise<void>
}

/** An empty storage, open, and with everything migrated. */
export interface StorageUnderTest extends Storage {
  /** Closes it and removes what it kept. */
  remove(): Promise<void>
}

type Place = Awaited<ReturnType<typeof freshDatabase>>

const MEMORY: Place = { url: 'memory:', remove: async () => undefined }

const PLACES: Readonly<Record<StorageName, () => Promise<readonly [clients: Place, tokens: Place]>>> = {
  memory: async () => both(MEMORY),
  postgres: async () => both(await freshDatabase()),
  'postgres-second-schema': async () => both(freshSchema()),
  redis: async () => both(freshPrefix()),
  'redis-cluster': async () => both(clusterPlace()),
  mixed: async () => [freshSchema(), freshPrefix()],
}

/** The storage that this project of Vitest tests. */
export const storageName = (): StorageName => inject('storageUnderTest') ?? 'memory'

/** Where the storage of this project keeps things, for one server or for some that share it. */
async function freshAddresses(name: StorageName = storageName()): Promise<StorageAddresses> {
  const [clients, tokens] = await PLACES[name]()
  return {
    settings: { LATCHKEY_CLIENT_STORAGE: clients.url, LATCHKEY_TOKEN_STORAGE: tokens.url },
    async remove() {
      await clients.remove()
      if (tokens !== clients) await tokens.remove()
    },
  }
}

/** Opens the storage of this project as the service does. */
export async function openStorageUnderTest(): Promise<StorageUnderTest> {
  const addresses = await freshAddresses()
  const config = readConfig({ LATCHKEY_ISSUER: 'http://localhost:4000', ...addresses.settings }, () => '')
  const storage = await openStorage(config, { directory: import.meta.dirname })
  for (const { migrations } of storage.migrations) await migrations.apply()
  return {
    ...storage,
    async remove() {
      await storage.close()
      await addresses.remove()
    },
  }
}

/** The Cluster is private and ends with the run, and what is in it too. */
function clusterPlace(): Place {
  const [first, ...others] = inject('redisCluster') ?? []
  const { url } = freshPrefix(`redis://${first}`)
  return { url: `${url}&cluster=true${others.map((node) => `&node=${node}`).join('')}`, remove: MEMORY.remove }
}

const both = (place: Place): readonly [Place, Place] => [place, place]
