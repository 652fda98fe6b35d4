import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/**
 * What a stranger gets from the registry: every package is packed, installed by npm into an empty folder, imported,
 * compiled against and run there. Nothing in that folder can reach the sources.
 */

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = (name: string): string => join(root, 'node_modules/.bin', name)
const packages = readdirSync(join(root, 'packages')).filter((name) =>
  existsSync(join(root, 'packages', name, 'package.json')),
)
/** What a file was made of, as its source map says. */
function sourcesOf(name: string, file: string): string[] {
  const { sources } = JSON.parse(readFileSync(join(installed(name), `${file}.map`), 'utf8')) as { sources: string[] }
  return sources.map((source) => posix.join(posix.dirname(file), source))
}

/** The tools that a consumer brings along, in the versions that this workspace has. */
const TOOLS = ['@types/express', '@types/node', 'express', 'openid-client', 'vitest']
const FLAGS = {
  target: 'ES2023',
  module: 'nodenext',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  noEmit: true,
}

const folder = mkdtempSync(join(tmpdir(), 'latchkey-packed-'))
const consumer = join(folder, 'consumer')
const tarballs = new Map<string, string>()

beforeAll(async () => {
  const pack = ['pack', '--json', '--pack-destination', folder]
  const packed = await Promise.all(packages.map((name) => run('pnpm', pack, join(root, 'packages', name))))
  for (const [index, name] of packages.entries()) tarballs.set(name, JSON.parse(packed[index]?.stdout ?? '').filename)
  mkdirSync(consumer)
  const mine = packages.map((name) => [`@latchkey/${name}`, `file:${tarballs.get(name)}`])
  const tools = TOOLS.map((name) => [name, versionOf(name)])
  const dependencies = Object.fromEntries([...mine, ...tools])
  writeFileSync(join(consumer, 'package.json'), JSON.stringify({ type: 'module', private: true, dependencies }))
  // Engines are only a warning to npm, unless the pnpm above has told its children otherwise.
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-engine-strict', '--loglevel=error']
  await run('npm', ['install', ...flags], consumer)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('looks at every package', () => {
  expect(packages).not.toEqual([])
  expect([...tarballs.keys()]).toEqual(packages)
})

describe.each(packages)('%s, packed', (name) => {
  it('says nothing of the workspace in its manifest', () => {
    const text = readFileSync(join(installed(name), 'package.json'), 'utf8')
    expect(text).not.toContain('@latchkey/source')
    expect(text).not.toMatch(/"(?:workspace|catalog|link|file):/)
    expect(text).not.toContain('./src/')
  })

  it('holds its licence, and of its files only what was built of the sources that are there now', () => {
    const files = readdirSync(installed(name), { recursive: true, encoding: 'utf8' }).map((file) =>
      file.replaceAll('\\', '/'),
    )
    expect(files).toContain('LICENSE')
    expect(files.filter((file) => /tsbuildinfo|^src|^test|tsconfig/.test(file))).toEqual([])
    const bundles = files.filter((file) => /^dist\/.+\.js$/.test(file))
    expect(bundles, 'nothing was packed').not.toEqual([])
    const declarations = files.filter((file) => /^dist\/.+\.d\.ts$/.test(file))
    const sources = [
      ...bundles.flatMap((file) => sourcesOf(name, file)),
      // One whose source is gone stays in dist until `pnpm clean`.
      ...declarations.map((file) => file.replace(/^dist(.*)\.d\.ts$/, 'src$1.ts')),
    ]
    const stale = sources.filter((file) => !existsSync(join(root, 'packages', name, file)))
    expect(stale).toEqual([])
  })

  it('satisfies publint, warnings and suggestions included', async () => {
    await run(bin('publint'), ['run', tarball(name), '--strict'], root)
  })

  it('has types that every resolver of ES modules finds', async () => {
    await run(bin('attw'), [tarball(name), '--profile', 'esm-only'], root)
  })
})

it('imports every entry of every package, and each one exports something', async () => {
  const entries = packages.flatMap((name) => entriesOf(name))
  expect(entries.length).toBeGreaterThanOrEqual(packages.length)
  const program = `
    for (const entry of ${JSON.stringify(entries)}) {
      const isJson = entry.endsWith('.json')
      const module = isJson ? await import(entry, { with: { type: 'json' } }) : await import(entry)
      if (Object.keys(module).length === 0) throw new Error(entry + ' exports nothing')
    }`
  writeFileSync(join(consumer, 'import-everything.mjs'), program)
  await run(process.execPath, ['import-everything.mjs'], consumer)
})

it('compiles the examples against the declarations, strictly and with none skipped', async () => {
  const examples = readdirSync(join(root, 'examples')).filter((file) => /^[a-z-]+\.ts$/.test(file))
  expect(examples).not.toEqual([])
  for (const file of examples) cpSync(join(root, 'examples', file), join(consumer, file))
  await compile('examples', { types: ['node'], lib: ['ES2023'] }, examples)
})

it('compiles a program that takes every entry, with the types of Node', async () => {
  const program = packages
    .flatMap((name) => entriesOf(name))
    .filter((entry) => !entry.endsWith('.json'))
    .map((entry, index) => `export * as entry${index} from '${entry}'`)
  writeFileSync(join(consumer, 'everything.ts'), program.join('\n'))
  await compile('everything', { types: ['node'], lib: ['ES2023'] }, ['everything.ts'])
})

it('compiles the core, the fetch handler and the verifier for the Web platform, without the types of Node', async () => {
  const program = `
    import { createMemoryTokenStore } from '@latchkey/adapter-memory'
    import { type AuthorizationServer, createAuthorizationServer, OAuthError } from '@latchkey/core'
    import { createFetchHandler } from '@latchkey/http/fetch'
    import { createTokenVerifier, verifyRequest } from '@latchkey/resource-server'

    const server: AuthorizationServer = createAuthorizationServer({
      issuer: 'https://auth.example.com',
      clients: { find: async () => undefined },
      tokens: createMemoryTokenStore(),
    })
    export const answer: (request: Request) => Promise<Response> = createFetchHandler(server)
    const verifier = createTokenVerifier({ issuer: 'https://auth.example.com', audience: 'https://sales.example.com' })
    export const check = async (request: Request): Promise<string | Response> => {
      const verdict = await verifyRequest(verifier, request, { scopes: ['sales:read'] })
      return verdict.ok ? verdict.accessToken.clientId : verdict.response
    }
    // @ts-expect-error an unknown code is not an error of this table
    export const unknown = new OAuthError('no_such_code', 'text')
  `
  writeFileSync(join(consumer, 'web.ts'), program)
  await compile('web', { types: [], lib: ['ES2023', 'DOM', 'DOM.Iterable'] }, ['web.ts'])
})

it('would see a declaration that does not compile', async () => {
  writeFileSync(join(consumer, 'wrong.ts'), `import { noSuchExport } from '@latchkey/core'\nexport { noSuchExport }`)
  await expect(compile('wrong', { types: [], lib: ['ES2023', 'DOM'] }, ['wrong.ts'])).rejects.toThrow('noSuchExport')
})

it('runs the command line that was installed', async () => {
  const { stdout } = await run(join(consumer, 'node_modules/.bin/latchkey'), ['--help'], consumer)
  expect(stdout).toContain('serve')
})

/** @throws with all that the program said, when it fails. */
async function run(file: string, args: readonly string[], cwd: string): Promise<{ stdout: string }> {
  try {
    return await promisify(execFile)(file, args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  } catch (error) {
    const { message, stdout = '', stderr = '' } = error as Error & { stdout?: string; stderr?: string }
    throw new Error(`${message}\n${stdout}\n${stderr}`)
  }
}

async function compile(name: string, options: { types: string[]; lib: string[] }, files: string[]): Promise<void> {
  const project = join(consumer, `tsconfig.${name}.json`)
  writeFileSync(project, JSON.stringify({ compilerOptions: { ...FLAGS, ...options }, files }))
  await run(bin('tsc'), ['-p', project], consumer)
}

/** The specifiers under which a published package can be imported. */
function entriesOf(name: string): string[] {
  const manifest = JSON.parse(readFileSync(join(installed(name), 'package.json'), 'utf8'))
  return Object.keys(manifest.exports).map((subpath) => `@latchkey/${name}${subpath.slice(1)}`)
}

function installed(name: string): string {
  return join(consumer, 'node_modules/@latchkey', name)
}

function tarball(name: string): string {
  const path = tarballs.get(name)
  if (path === undefined) throw new Error(`${name} was not packed`)
  return path
}

function versionOf(name: string): string {
  const manifest = [root, join(root, 'examples')]
    .map((folder) => join(folder, 'node_modules', name, 'package.json'))
    .find((path) => existsSync(path))
  if (manifest === undefined) throw new Error(`${name} is not installed`)
  return JSON.parse(readFileSync(manifest, 'utf8')).version
}
