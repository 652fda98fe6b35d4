/**
 * `pnpm latchkey …` in a clone: the built command line, as if it were installed. It builds before, when it must, and
 * says nothing about it on standard output, which belongs to the command.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const main = join(root, 'packages/http/dist/cli/main.js')

if (!existsSync(join(root, 'node_modules/.modules.yaml'))) prepare('install', '--frozen-lockfile')
if (isStale()) prepare('build')

// In this process rather than below it: standard input, signals and the exit code are the command's own.
process.chdir(process.env['INIT_CWD'] ?? root)
process.argv[1] = main
await import(pathToFileURL(main).href)

/** Whether a source is younger than what was built of it. */
function isStale() {
  return readdirSync(join(root, 'packages')).some((name) => {
    // The last that a build writes.
    const built = join(root, 'packages', name, 'dist/index.js')
    const source = join(root, 'packages', name, 'src')
    if (!existsSync(source)) return false
    if (!existsSync(built)) return true
    const builtAt = statSync(built).mtimeMs
    return readdirSync(source, { recursive: true, encoding: 'utf8' }).some(
      (file) => statSync(join(source, file)).mtimeMs > builtAt,
    )
  })
}

/** @param {readonly string[]} args */
function prepare(...args) {
  // The names in node_modules/.bin and npx's own are .cmd files on Windows.
  const { status, stdout, stderr } = spawnSync('pnpm', args, {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (status === 0) return
  process.stderr.write(`latchkey: pnpm ${args.join(' ')} failed\n${stdout ?? ''}${stderr ?? ''}`)
  process.exit(1)
}
