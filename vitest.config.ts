import { defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'

// Packages resolve to their sources, so that tests need no build; the packed artefacts are tested without this condition.
const conditions = ['@latchkey/source', ...defaultServerConditions]

const contract = ['packages/*/test/**/*.contract.test.ts']
const protocol = ['packages/*/test/rfc/**/*.test.ts', 'packages/*/test/judges/**/*.test.ts']
const docs = ['test/docs*.test.ts', 'examples/**/*.test.ts']
const architecture = ['test/architecture.test.ts']
const faults = [
  'packages/*/test/faults/**/*.test.ts',
  'packages/*/test/two-processes/**/*.test.ts',
  'test/backends/**/*.test.ts',
]
const packed = ['test/packed-artefacts.test.ts']

/** Every test belongs to exactly one kind, by its path; what no other kind claims is a unit test. */
const kinds = {
  unit: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: [...contract, ...protocol, ...docs, ...architecture, ...packed, ...faults],
  },
  contract: { include: contract },
  protocol: { include: protocol, exclude: contract },
  docs: { include: docs },
  architecture: { include: architecture },
  faults: { include: faults, testTimeout: 300_000, hookTimeout: 120_000 },
  packed: { include: packed, testTimeout: 180_000, hookTimeout: 180_000 },
}

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    pool: 'threads',
    isolate: false,
    passWithNoTests: false,
    globalSetup: ['test/backends/src/vitest-setup.mjs'],
    // Some tests pay for a slow key derivation or start a process; a busy machine is no failure.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: Object.entries(kinds).map(([name, { exclude = [], ...kind }]: [string, Kind]) => ({
      extends: true,
      test: { name, exclude: ['**/node_modules/**', '**/dist/**', ...exclude], ...kind },
    })),
  },
})

interface Kind {
  readonly include: string[]
  readonly exclude?: string[]
  readonly testTimeout?: number
  readonly hookTimeout?: number
}
