import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** Builds what the process runs, which costs little when nothing has changed: Node 20 cannot run TypeScript itself. */
export function buildCli(): void {
  execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-b', 'packages/http'], { cwd: root })
}

/** A process of the command line, and what it has written so far. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams
  readonly output: { out: string; err: string }
  /** The exit code; `null` when a signal ended it. */
  readonly ended: Promise<number | null>
  /** Resolves once the standard output matches. */
  until(pattern: RegExp): Promise<RegExpExecArray>
}

/** Starts `latchkey` with these settings and no others. */
export function startCli(argv: readonly string[], settings: Readonly<Record<string, string>> = {}): Running {
  const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('LATCHKEY_'))
  const child = spawn(process.execPath, [MAIN, ...argv], { env: { ...Object.fromEntries(environment), ...settings } })
  const output = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => {
    output.out += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output.err += chunk.toString()
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  return {
    child,
    output,
    ended,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(output.out)
          if (found !== null) resolve(found)
        }
        child.stdout.on('data', look)
        void ended.then(() => reject(new Error(`it ended before ${String(pattern)}: ${output.out}${output.err}`)))
        look()
      }),
  }
}

/** A port that nobody listens on at this moment. */
export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
