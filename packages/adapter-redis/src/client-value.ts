import type { Client } from '@latchkey/core'
import { broken, parsed } from './broken.ts'

const MARK = 'client/1:'

/** In Lua: takes the version and the call out of a value, or nothing where it cannot be read. */
export const CLIENT_VALUE_PATTERN: string = `^${MARK}(%d+):([^:]+):`

/** Beside the client, what a script must know of it: its version, and the call that wrote it. */
export const clientValue = (client: Client, call: string): string =>
  `${MARK}${client.version}:${call}:${JSON.stringify(client)}`

const HEAD = new RegExp(`^${MARK}\\d+:[^:]+:`)

/**
 * The client that a value holds.
 *
 * @throws TypeError when it cannot be read, or is another client than the one that was asked for.
 */
export function readClientValue(id: string, value: unknown): Client {
  const head = typeof value === 'string' ? HEAD.exec(value)?.[0] : undefined
  if (typeof value !== 'string' || head === undefined) throw broken('a client')
  const client = parsed(value.slice(head.length), 'a client')
  if (typeof client !== 'object' || client === null || !('id' in client) || client.id !== id) throw broken('a client')
  return client as Client
}
