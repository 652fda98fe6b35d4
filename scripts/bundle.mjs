/**
 * Bundles each package: its own code into one file for each entry, and chunks for what entries share and for what is loaded
 * late. What a package depends on stays outside, so that its updates reach the user, and each class is there once.
 *
 * The compiler has checked the sources and written the declarations before.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Entries that nobody imports: they are run. */
const PROGRAMS = new Map([['http', ['src/cli/main.ts', 'src/workers/worker-main.ts']]])

const packages = readdirSync(join(root, 'packages')).filter((name) =>
  existsSync(join(root, 'packages', name, 'package.json')),
)
await Promise.all(packages.map(bundle))

/** @param {string} name */
async function bundle(name) {
  const directory = join(root, 'packages', name)
  forgetBundles(join(directory, 'dist'))
  await build({
    absWorkingDir: directory,
    entryPoints: [...entriesOf(directory), ...(PROGRAMS.get(name) ?? [])],
    outbase: 'src',
    outdir: 'dist',
    // One folder below `dist`, as every folder of `src` is: what is found from a file's own place is found from a chunk as well.
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'es2023',
    charset: 'utf8',
    sourcemap: 'linked',
    logLevel: 'warning',
  })
}

/**
 * The sources of what the package exports.
 *
 * @param {string} directory
 */
function entriesOf(directory) {
  const { exports } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  const entries = Object.values(exports).flatMap((target) => target['@latchkey/source'] ?? [])
  if (entries.length === 0) throw new Error(`${directory} exports nothing`)
  return entries
}

/**
 * Names of chunks change with their content: none of before may stay.
 *
 * @param {string} dist
 */
function forgetBundles(dist) {
  if (!existsSync(dist)) return
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' }))
    if (/\.js(?:\.map)?$/.test(file)) rmSync(join(dist, file))
}
