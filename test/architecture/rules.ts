import { posix } from 'node:path'
import type { Import, SourceFile } from './source-file.ts'

/** What each package may import from outside itself. A package without a line here fails the test. */
export const PACKAGES: Readonly<Record<string, (specifier: string, file: string) => boolean>> = {
  core: (specifier, file) => specifier === 'jose' || (specifier === 'node:crypto' && file === 'crypto.ts'),
  'adapter-contract': (specifier, file) =>
    specifier === '@latchkey/core' || (specifier === 'vitest' && file === 'vitest.ts'),
  'adapter-memory': (specifier, file) =>
    specifier === '@latchkey/core' || (specifier === 'node:crypto' && file === 'digest.ts'),
  'adapter-postgres': (specifier) =>
    ['@latchkey/core', 'pg', 'node:crypto', 'node:fs/promises', 'node:timers/promises'].includes(specifier),
  'adapter-redis': (specifier, file) =>
    specifier === '@latchkey/core' || specifier === 'ioredis' || (specifier === 'node:crypto' && file === 'digest.ts'),
  http: (specifier, file) =>
    !isContainer(specifier) || file === 'injection-tokens.ts' || file === 'composition-root.ts',
  'resource-server': (specifier, file) =>
    specifier === '@latchkey/core' ||
    (specifier === 'fastify' && file === 'fastify.ts') ||
    (specifier === 'node:http' && file === 'express.ts'),
}

/** Packages that may read `process`, and so the environment. */
const KNOWS_PROCESS: ReadonlySet<string> = new Set(['http'])

/**
 * Inside the core, what each folder may import besides itself. The files beside the folders wire everything together
 * and may import all of it; nothing below may import them, but for these two, and what stands on them.
 */
const LEAVES = ['errors.ts', 'crypto.ts']
const MIDDLE = ['domain', 'ports', 'protocol', 'jose', 'x509', 'random-text.ts', ...LEAVES]
const CORE_FOLDERS: Readonly<Record<string, readonly string[]>> = {
  domain: ['errors.ts'],
  ports: ['domain'],
  protocol: ['errors.ts', 'domain'],
  jose: ['domain', 'protocol', ...LEAVES],
  x509: ['domain'],
  'client-auth': MIDDLE,
  'proof-of-possession': MIDDLE,
  grants: MIDDLE,
  tokens: MIDDLE,
  keys: MIDDLE,
  endpoints: [...MIDDLE, 'client-auth', 'proof-of-possession', 'grants', 'tokens', 'keys'],
}

/** What a grant decides is a type that its neighbours speak in. */
const SHARED_TYPES = 'grants/grant.ts'

const DRAWERS = /(?:^|[/.-])(?:utils?|helpers?|common|managers?)(?:[/.-]|$)/

/** Imports from outside the package that it must not know. */
export function strangers(packageName: string, files: readonly SourceFile[]): string[] {
  const allowed = PACKAGES[packageName]
  if (allowed === undefined) return [`packages/${packageName} has no line in PACKAGES`]
  return files.flatMap((file) =>
    file.imports
      .filter(({ specifier }) => specifier !== undefined && !isRelative(specifier))
      .filter(({ specifier = '' }) => !allowed(specifier, insideSource(file.path)))
      .map((found) => describe(file, found)),
  )
}

/** Imports that nobody can check, because the module is named at run time. The service opens a user's adapter so. */
export function computedImports(packageName: string, files: readonly SourceFile[]): string[] {
  if (packageName === 'http') return []
  return files.flatMap((file) =>
    file.imports.filter(({ specifier }) => specifier === undefined).map((found) => describe(file, found)),
  )
}

/** Relative imports that leave the package's `src`, or name no file of it. */
export function escapes(files: readonly SourceFile[]): string[] {
  const known = new Set(files.map(({ path }) => path))
  return files.flatMap((file) =>
    relativeImports(file)
      .filter((found) => !known.has(targetOf(file, found)))
      .map((found) => describe(file, found)),
  )
}

/** Imports between the core's folders against their order. */
export function crossings(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const from = partOf(file.path)
    if (isBeside(from)) {
      return LEAVES.includes(from)
        ? relativeImports(file)
            .filter((found) => !LEAVES.includes(partOf(targetOf(file, found))))
            .map((found) => describe(file, found))
        : []
    }
    const allowed = CORE_FOLDERS[from]
    if (allowed === undefined) return [`${file.path}: the folder "${from}" has no line in CORE_FOLDERS`]
    return relativeImports(file)
      .filter((found) => {
        const target = targetOf(file, found)
        const to = partOf(target)
        const sharedType = found.typeOnly && insideSource(target) === SHARED_TYPES
        return to !== from && !allowed.includes(to) && !(sharedType && MIDDLE === allowed)
      })
      .map((found) => describe(file, found))
  })
}

/** Every ring of files that import one another, types included: `a → b → a`. */
export function cycles(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const done = new Set<string>()
  const found: string[] = []
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) found.push([...trail.slice(start), path].join(' → '))
    const file = byPath.get(path)
    if (start >= 0 || done.has(path) || file === undefined) return
    for (const next of relativeImports(file)) walk(targetOf(file, next), [...trail, path])
    done.add(path)
  }
  for (const { path } of files) walk(path, [])
  return found
}

/** What a file imports from outside its package, and what it imports in turn does. */
export function reaches(entry: string, files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const seen = new Set<string>()
  const outside = new Set<string>()
  const walk = (path: string): void => {
    const file = byPath.get(path)
    if (file === undefined) throw new Error(`${path} is not there`)
    if (seen.has(path)) return
    seen.add(path)
    for (const found of file.imports) {
      if (found.specifier === undefined) outside.add('a computed import')
      else if (isRelative(found.specifier)) walk(targetOf(file, found))
      else outside.add(found.specifier)
    }
  }
  walk(entry)
  return [...outside].sort()
}

/** Files that read `process` where the environment is nobody's business. */
export function environmentReaders(packageName: string, files: readonly SourceFile[]): string[] {
  return KNOWS_PROCESS.has(packageName) ? [] : files.filter((file) => file.namesProcess).map(({ path }) => path)
}

/** Decorators do not survive every tool that strips types; factories do. */
export function decorated(files: readonly SourceFile[]): string[] {
  return files.filter((file) => file.hasDecorators).map(({ path }) => path)
}

/** Files named after no concept, into which everything falls in time. */
export function drawers(files: readonly Pick<SourceFile, 'path'>[]): string[] {
  return files.map(({ path }) => path).filter((path) => DRAWERS.test(insideSource(path)))
}

function isContainer(specifier: string): boolean {
  return /^(?:tsyringe|reflect-metadata)(?:\/|$)/.test(specifier)
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('.')
}

function relativeImports(file: SourceFile): Import[] {
  return file.imports.filter(({ specifier }) => specifier !== undefined && isRelative(specifier))
}

function targetOf(file: SourceFile, { specifier = '' }: Import): string {
  return posix.join(posix.dirname(file.path), specifier)
}

/** `packages/core/src/domain/client.ts` → `domain/client.ts` */
function insideSource(path: string): string {
  return path.replace(/^packages\/[^/]+\/src\//, '')
}

/** The folder right below `src`, or the file itself when it lies beside the folders. */
function partOf(path: string): string {
  return insideSource(path).split('/')[0] ?? ''
}

function isBeside(part: string): boolean {
  return part.endsWith('.ts')
}

function describe(file: SourceFile, { specifier }: Import): string {
  return `${file.path}: ${specifier ?? 'a computed import'}`
}
