import { execFile, execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** Builds every package, as `pnpm build` does: then what is run in a clone is not stale, and builds nothing. */
export function buildAll(): void {
  execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-b', 'tsconfig.build.json'], { cwd: root })
}

/** What a command came to. */
export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs what `pnpm latchkey …` runs in a clone, with these settings and no others. */
export function latchkeyInClone(argv: readonly string[], settings: Readonly<Record<string, string>>): Promise<Ended> {
  const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('LATCHKEY_'))
  const env = { ...Object.fromEntries(environment), INIT_CWD: root, ...settings }
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [`${root}scripts/latchkey.mjs`, ...argv],
      { env, cwd: root },
      (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    )
    child.stdin?.end()
  })
}
