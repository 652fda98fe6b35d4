import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { KeyRingOptions } from '@latchkey/core'

const PROGRAM = fileURLToPath(new URL('node-process.mjs', import.meta.url))

/** Long enough for the word to reach both nodes. */
const LEAD_MS = 10

/** A service whose signing keys rotate. */
export interface Rotating {
  readonly url: string
  readonly masterKey: string
  readonly schedule: Omit<KeyRingOptions, 'store' | 'masterKey'>
  /** Of its tokens, in seconds. */
  readonly lifetime: number
}

/** What the key ring of a node has told. */
export interface KeyHistory {
  /** How many keys this node has made. */
  readonly made: number
  /** The types of its events of all that went wrong. */
  readonly complaints: readonly string[]
}

/** What a node can be told, and what it answers. */
interface NodeCommands {
  open(url: string): void
  migrate(url: string): string[]
  pending(url: string): string[]
  /** Nothing, where there is nothing to sweep. */
  sweep(argument: { readonly url: string; readonly now: number }): number | undefined
  claim(argument: { readonly url: string; readonly keys: readonly string[]; readonly expiresAt: number }): boolean[]
  claimOnAndOn(argument: { readonly url: string; readonly prefix: string; readonly expiresAt: number }): never
  /** Whether it did. */
  disable(argument: { readonly url: string; readonly id: string }): boolean
  /** The port. */
  serve(settings: Readonly<Record<string, string>>): number
  endService(argument: undefined): void
  /** The port. */
  serveRotating(argument: Rotating): number
  endRotating(argument: undefined): KeyHistory
  close(url: string): void
}

type Argument<Name extends keyof NodeCommands> = Parameters<NodeCommands[Name]>[0]
type Result<Name extends keyof NodeCommands> = ReturnType<NodeCommands[Name]>

/** A node in a process of its own. */
export interface NodeProcess {
  tell<Name extends keyof NodeCommands>(name: Name, argument: Argument<Name>, at?: number): Promise<Result<Name>>
  /** The keys that it has told to have claimed. */
  readonly claimed: ReadonlySet<string>
  /** SIGKILL. */
  kill(): Promise<void>
}

/** Starts a node. `buildCli` must have been called. It ends with this process. */
export async function startNode(): Promise<NodeProcess> {
  const settings = Object.entries(process.env).filter(([name]) => !name.startsWith('LATCHKEY_'))
  const child = fork(PROGRAM, { execArgv: [], env: Object.fromEntries(settings) })
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  const claimed = new Set<string>()
  let last = 0
  child.on('message', (message: { id?: number; claimed?: string; result?: unknown; error?: string }) => {
    if (message.claimed !== undefined) claimed.add(message.claimed)
    if (message.id === undefined) return
    const { resolve, reject } = waiting.get(message.id) ?? {}
    if (message.error === undefined) resolve?.(message.result)
    else reject?.(new Error(message.error))
    waiting.delete(message.id)
  })
  const ended = once(child, 'exit')
  void ended.then(() => {
    for (const { reject } of waiting.values()) reject(new Error('the node is gone'))
  })
  await once(child, 'message')
  return {
    claimed,
    tell: (name, argument, at = 0) =>
      new Promise((resolve, reject) => {
        const id = ++last
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject })
        child.send({ id, name, argument, at })
      }),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Tells two nodes the same thing, and both begin at the same moment. */
export function tellAtOnce<Name extends keyof NodeCommands>(
  nodes: readonly [NodeProcess, NodeProcess],
  name: Name,
  argument: Argument<Name>,
): Promise<[Result<Name>, Result<Name>]> {
  const at = Date.now() + LEAD_MS
  return Promise.all([nodes[0].tell(name, argument, at), nodes[1].tell(name, argument, at)])
}
