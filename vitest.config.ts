import { defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'

// Packages resolve to their sources, so that tests need no build; the packed artefacts are tested without this condition.
const conditions = ['@latchkey/source', ...defaultServerConditions]

const contract = ['packages/*/test/**/*.contract.test.ts']
const protocol = [
  'packages/*/test/rfc/**/*.test.ts',
  'packages/*/test/judges/**/*.test.ts',
  'packages/*/test/http-suite.test.ts',
]
/** What a storage is tested with through the whole service, on each of those that are not memory. */
const throughStorage = protocol.map((pattern) => pattern.replace('*', 'http'))
const storages = ['postgres', 'postgres-second-schema', 'redis', 'redis-cluster', 'mixed'] as const
const docs = ['test/docs*.test.ts', 'examples/**/*.test.ts']
const architecture = ['test/architecture.test.ts']
const faults = [
  'packages/*/test/faults/**/*.test.ts',
  'packages/*/test/two-processes/**/*.test.ts',
  'packages/*/test/proxies/**/*.test.ts',
  'packages/*/test/storages/**/*.test.ts',
  'test/backends/**/*.test.ts',
]
const packed = ['test/packed-artefacts.test.ts']

/** Finds Postgres and Redis, once for all projects that ask for them. */
const backends = 'test/backends/src/vitest-setup.mjs'
const cluster = 'test/backends/src/vitest-cluster-setup.mjs'

/** Every test belongs to exactly one kind, by its path; what no other kind claims is a unit test. */
const kinds = {
  unit: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: [...contract, ...protocol, ...docs, ...architecture, ...packed, ...faults],
    globalSetup: [backends],
  },
  contract: { include: contract, globalSetup: [backends] },
  protocol: { include: protocol, exclude: contract, globalSetup: [backends] },
  docs: { include: docs },
  architecture: { include: architecture },
  faults: { include: faults, globalSetup: [backends], testTimeout: 300_000, hookTimeout: 120_000 },
  packed: { include: packed, testTimeout: 180_000, hookTimeout: 180_000 },
}

/** The protocol's tests once more for each storage: `protocol:redis` and so on. All of them are `--project 'protocol*'`. */
const protocolOnStorages = storages.map((storageUnderTest) => ({
  extends: true as const,
  test: {
    name: `protocol:${storageUnderTest}`,
    include: throughStorage,
    provide: { storageUnderTest },
    globalSetup: [backends, ...(storageUnderTest === 'redis-cluster' ? [cluster] : [])],
  },
}))

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    pool: 'threads',
    isolate: false,
    passWithNoTests: false,
    // Some tests pay for a slow key derivation or start a process; a busy machine is no failure.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      ...Object.entries(kinds).map(([name, { exclude = [], ...kind }]: [string, Kind]) => ({
        extends: true as const,
        test: { name, exclude: ['**/node_modules/**', '**/dist/**', ...exclude], ...kind },
      })),
      ...protocolOnStorages,
    ],
  },
})

interface Kind {
  readonly include: string[]
  readonly exclude?: string[]
  readonly globalSetup?: string[]
  readonly testTimeout?: number
  readonly hookTimeout?: number
}
