import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import {
  computedImports,
  crossings,
  cycles,
  decorated,
  drawers,
  environmentReaders,
  escapes,
  PACKAGES,
  reaches,
  strangers,
} from './architecture/rules.ts'
import type { SourceFile } from './architecture/source-file.ts'
import { parseSourceFile, sourceFilesIn } from './architecture/source-file.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const packages = readdirSync(join(root, 'packages')).filter((name) =>
  existsSync(join(root, 'packages', name, 'package.json')),
)

/** A check that looked at nothing must fail. */
function sourcesOf(name: string): SourceFile[] {
  const files = sourceFilesIn(root, `packages/${name}/src`)
  expect(files, 'no file was looked at').not.toEqual([])
  return files
}

it('has a rule for each package, and a package for each rule', () => {
  expect(packages.sort()).toEqual(Object.keys(PACKAGES).sort())
})

describe.each(packages)('%s', (name) => {
  it('imports nothing it must not know', () => {
    expect([...strangers(name, sourcesOf(name)), ...computedImports(name, sourcesOf(name))]).toEqual([])
  })

  it('imports only files that lie in its own src', () => {
    expect(escapes(sourcesOf(name))).toEqual([])
  })

  it('has no cycle, not even of types', () => {
    expect(cycles(sourcesOf(name))).toEqual([])
  })

  it('reads the environment in the service alone', () => {
    expect(environmentReaders(name, sourcesOf(name))).toEqual([])
  })

  it('has no decorator', () => {
    expect(decorated(sourcesOf(name))).toEqual([])
  })

  it('names each file after one concept', () => {
    const tests = existsSync(join(root, 'packages', name, 'test')) ? sourceFilesIn(root, `packages/${name}/test`) : []
    expect(drawers([...sourcesOf(name), ...tests])).toEqual([])
  })
})

describe('inside the core', () => {
  it('each folder imports only what lies below it', () => {
    expect(crossings(sourcesOf('core'))).toEqual([])
  })

  it('the whole of it, followed to the end, needs jose and node:crypto at most', () => {
    const outside = reaches('packages/core/src/index.ts', sourcesOf('core'))
    expect(outside.filter((specifier) => !['jose', 'node:crypto'].includes(specifier))).toEqual([])
  })
})

describe('inside the service', () => {
  it('the fetch handler, followed to the end, needs the core alone', () => {
    expect(reaches('packages/http/src/fetch.ts', sourcesOf('http'))).toEqual(['@latchkey/core'])
  })
})

describe('inside the verifier for APIs', () => {
  it('what is mounted on no framework, followed to the end, needs the core alone', () => {
    expect(reaches('packages/resource-server/src/index.ts', sourcesOf('resource-server'))).toEqual(['@latchkey/core'])
  })
})

/** Each check is shown what it exists to find: one that cannot fail proves nothing. */
describe('the checks themselves', () => {
  const file = (path: string, source: string) => parseSourceFile(path, source)
  const core = (path: string, source: string) => file(`packages/core/src/${path}`, source)

  it.each([
    ['a value import', `import { Pool } from 'pg'`],
    ['a type import', `import type { Pool } from 'pg'`],
    ['an import for its effect', `import 'pg'`],
    ['an import over several lines', `import {\n  Pool,\n  Client,\n} from 'pg'`],
    ['a re-export', `export { Pool } from 'pg'`],
    ['a re-export of everything', `export * from 'pg'`],
    ['a re-exported type', `export type { Pool } from 'pg'`],
    ['a dynamic import', `export const open = () => import('pg')`],
    ['an import type', `export type Pool = import('pg').Pool`],
    ['a require', `const pg = require('pg')`],
  ])('see a stranger in %s', (_, source) => {
    expect(strangers('core', [core('domain/client.ts', source)])).toEqual(['packages/core/src/domain/client.ts: pg'])
  })

  it('do not take a text for an import', () => {
    const source = `export const encoding = 'base64url'\n// import 'pg'\nexport const text = \`\nimport 'pg'\n\``
    expect(core('domain/client.ts', source).imports).toEqual([])
  })

  it('see node:crypto outside crypto.ts', () => {
    const source = `import { randomBytes } from 'node:crypto'`
    expect(strangers('core', [core('crypto.ts', source)])).toEqual([])
    expect(strangers('core', [core('tokens/opaque-token.ts', source)])).toHaveLength(1)
  })

  it('see the container outside its two files, and vitest outside its subpath', () => {
    const container = `import { container } from 'tsyringe'\nimport 'reflect-metadata'`
    expect(strangers('http', [file('packages/http/src/composition-root.ts', container)])).toEqual([])
    expect(strangers('http', [file('packages/http/src/app.ts', container)])).toHaveLength(2)
    const kit = `import { it } from 'vitest'`
    expect(strangers('adapter-contract', [file('packages/adapter-contract/src/vitest.ts', kit)])).toEqual([])
    expect(strangers('adapter-contract', [file('packages/adapter-contract/src/index.ts', kit)])).toHaveLength(1)
  })

  it('see one adapter that knows another package than the core', () => {
    const source = `import { createApp } from '@latchkey/http'`
    expect(strangers('adapter-memory', [file('packages/adapter-memory/src/index.ts', source)])).toHaveLength(1)
    const digests = `import { hash } from 'node:crypto'`
    expect(strangers('adapter-memory', [file('packages/adapter-memory/src/index.ts', digests)])).toHaveLength(1)
    expect(strangers('adapter-memory', [file('packages/adapter-memory/src/digest.ts', digests)])).toEqual([])
  })

  it('see a package without a rule', () => {
    expect(strangers('surprise', [])).toHaveLength(1)
  })

  it('see an import whose name is computed', () => {
    const source = `export const open = (name: string) => import(name)`
    expect(computedImports('core', [core('ports/adapter.ts', source)])).toHaveLength(1)
  })

  it('see a path that climbs out of src, and one that leads nowhere', () => {
    const files = [
      core('domain/a.ts', `import '../../../http/src/app.ts'`),
      core('domain/b.ts', `import './nowhere.ts'`),
    ]
    expect(escapes(files)).toHaveLength(2)
  })

  it.each([
    ['domain/client.ts', '../protocol/form.ts'],
    ['domain/client.ts', '../crypto.ts'],
    ['domain/client.ts', '../options.ts'],
    ['ports/token-store.ts', '../errors.ts'],
    ['protocol/form.ts', '../ports/clock.ts'],
    ['grants/client-credentials.ts', '../tokens/token-issuer.ts'],
    ['tokens/token-issuer.ts', '../client-auth/client-secret.ts'],
    ['client-auth/client-secret.ts', '../endpoints/token-endpoint.ts'],
    ['endpoints/token-endpoint.ts', '../authorization-server.ts'],
    ['errors.ts', './domain/client.ts'],
    ['drawer/anything.ts', '../errors.ts'],
  ])('see that %s must not import %s', (path, specifier) => {
    expect(crossings([core(path, `import { x } from '${specifier}'`)])).toHaveLength(1)
  })

  it.each([
    ['domain/client.ts', `import { OAuthError } from '../errors.ts'`],
    ['tokens/token-issuer.ts', `import type { Authorization } from '../grants/grant.ts'`],
    ['tokens/token-issuer.ts', `import { sha256 } from '../crypto.ts'`],
    ['endpoints/token-endpoint.ts', `import { x } from '../client-auth/client-authenticator.ts'`],
    ['authorization-server.ts', `import { x } from './endpoints/token-endpoint.ts'`],
  ])('let %s have %s', (path, source) => {
    expect(crossings([core(path, source)])).toEqual([])
  })

  it('see a value behind the one type that neighbours share', () => {
    const source = `import { chooseGrant } from '../grants/grant.ts'`
    expect(crossings([core('tokens/token-issuer.ts', source)])).toHaveLength(1)
  })

  it('see a cycle, of types too', () => {
    const files = [
      core('domain/a.ts', `import type { B } from './b.ts'`),
      core('domain/b.ts', `import type { C } from './c.ts'`),
      core('domain/c.ts', `import type { A } from './a.ts'`),
    ]
    expect(cycles(files)).toEqual([
      'packages/core/src/domain/a.ts → packages/core/src/domain/b.ts → packages/core/src/domain/c.ts → packages/core/src/domain/a.ts',
    ])
  })

  it('see what a file needs by way of another', () => {
    const files = [
      file('packages/http/src/fetch.ts', `import './hosts/answer.ts'\nimport '@latchkey/core'`),
      file('packages/http/src/hosts/answer.ts', `import 'fastify'`),
    ]
    expect(reaches('packages/http/src/fetch.ts', files)).toEqual(['@latchkey/core', 'fastify'])
  })

  it('see process, and not a member of that name', () => {
    const reader = core('options.ts', `export const port = process.env['PORT']`)
    const member = core('verbs.ts', `export const f = (x: { process: number }) => x.process`)
    expect(environmentReaders('core', [reader, member])).toEqual(['packages/core/src/options.ts'])
    expect(environmentReaders('http', [reader])).toEqual([])
  })

  it('see a decorator', () => {
    expect(decorated([core('verbs.ts', `@injectable() class Verbs {}`)])).toHaveLength(1)
  })

  it('see a file that is a drawer', () => {
    const names = ['utils.ts', 'domain/scope-helpers.ts', 'common/x.ts', 'key-manager.ts', 'tokens/token-utils.ts']
    expect(drawers(names.map((path) => ({ path })))).toHaveLength(names.length)
    expect(drawers([{ path: 'domain/utility-token.ts' }, { path: 'commonwealth.ts' }])).toEqual([])
  })
})
