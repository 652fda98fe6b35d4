import { PassThrough, Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { createMemoryAdapter } from '@latchkey/adapter-memory'
import type { Adapter } from '@latchkey/core'
import type { Io } from '../../src/cli/io.ts'
import { run } from '../../src/cli/run.ts'

/** What a command came to. */
export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** What a command is run with. */
export interface Surroundings {
  /** What is on the standard input. */
  readonly input?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Where relative paths begin; where the tests are run, if it is not said. */
  readonly directory?: string
  /** A person is there, and types the input. */
  readonly terminal?: boolean
}

/** Runs the command line in this process. */
export async function latchkey(argv: readonly string[], surroundings: Surroundings = {}): Promise<Ran> {
  const { input = '', environment = {}, terminal = false, directory = process.cwd() } = surroundings
  let out = ''
  let err = ''
  const code = await run(argv, {
    environment,
    directory,
    stdin: terminal ? terminalWith(input) : Readable.from([Buffer.from(input)]),
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
  })
  return { code, out, err }
}

function terminalWith(typed: string): Io['stdin'] {
  const stream = new PassThrough()
  stream.write(typed)
  return Object.assign(stream, { isTTY: true, setRawMode: () => stream }) as unknown as Io['stdin']
}

/** Where the module of {@link keep} is. */
const KEPT = new URL('../storage/modules/kept-adapter.mjs', import.meta.url)
let keptCount = 0

/** A storage that lasts from one command to the next, and the setting that names it. */
export interface KeptStorage {
  readonly adapter: Adapter
  /** What a setting says to open it. */
  readonly storage: string
  /** The environment in which clients and tokens are kept there. */
  readonly environment: { readonly LATCHKEY_STORAGE: string }
  /** Forgets it. */
  end(): Promise<void>
}

/** Keeps clients and tokens from one command to the next, as a database does. */
export async function keep(changes: Partial<Adapter> = {}): Promise<KeptStorage> {
  const { kept } = (await import(KEPT.href)) as { readonly kept: Map<string, Adapter> }
  const { forgetful: _, ...memory } = createMemoryAdapter()
  const address = `kept:${++keptCount}`
  const adapter: Adapter = { ...memory, close: async () => undefined, ...changes }
  kept.set(address, adapter)
  const storage = `${fileURLToPath(KEPT)}#${address}`
  return {
    adapter,
    storage,
    environment: { LATCHKEY_STORAGE: storage },
    async end() {
      kept.delete(address)
      await memory.close()
    },
  }
}
