import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateSecret } from '@latchkey/core'
import { childrenOf } from '@latchkey/test-backends'
import { type Answer, sendTo } from '../hosts.ts'
import { basic, FORM } from '../test-server.ts'
import { freePort, type Running, startCli } from './built-cli.ts'

/** A line of the log. */
export type Line = Readonly<Record<string, unknown>>

/** `latchkey serve` with workers, and with clients of a file. */
export interface ServedByWorkers extends Running {
  readonly port: number
  readonly workers: () => readonly number[]
  /** Posts a form as a client, over a connection of its own. */
  post(path: string, client: string, body: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** The value of `Authorization` of a client. */
  authorizationOf(client: string): string
  /** Every line that it has logged, each of which must be JSON. */
  lines(): readonly Line[]
  /** How many requests each worker has told of: request ids begin with what no two processes have in common. */
  requestsByWorker(): ReadonlyMap<string, number>
  /** Ends it, however it is. */
  remove(): Promise<void>
}

/** Starts it. `buildCli` must have been called. */
export async function serveByWorkers(
  settings: Readonly<Record<string, string>>,
  clients: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Promise<ServedByWorkers> {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-workers-'))
  const file = join(directory, 'clients.json')
  const secrets = new Map(Object.keys(clients).map((id) => [id, generateSecret()]))
  const members = Object.entries(clients).map(([id, client]) => {
    const { hash, credentialId } = secrets.get(id) ?? generateSecret()
    return [id, { scope: 'read', ...client, client_secrets: [{ id: credentialId, hash }] }]
  })
  writeFileSync(file, JSON.stringify(Object.fromEntries(members)))
  const port = await freePort()
  const running = startCli(['serve'], {
    LATCHKEY_PORT: String(port),
    LATCHKEY_WORKERS: '2',
    LATCHKEY_AUTO_MIGRATE: 'true',
    LATCHKEY_CLIENTS_FILE: file,
    ...settings,
  })
  const remove = async (): Promise<void> => {
    running.child.kill('SIGKILL')
    await running.ended
    rmSync(directory, { recursive: true })
  }
  await running.until(/"event":"started"/).catch(async (error: unknown) => {
    await remove()
    throw error
  })
  const authorizationOf = (client: string): string => basic(client, secrets.get(client)?.secret ?? '')
  const lines = (): readonly Line[] =>
    running.output.out.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]))
  return {
    ...running,
    port,
    workers: () => childrenOf(running.child.pid ?? 0),
    authorizationOf,
    lines,
    remove,
    post: (path, client, body, headers = {}) =>
      sendTo(port, {
        path,
        body,
        headers: { 'content-type': FORM, authorization: authorizationOf(client), ...headers },
      }),
    requestsByWorker() {
      const requests = new Map<string, number>()
      for (const { requestId } of lines()) {
        if (typeof requestId !== 'string') continue
        const worker = requestId.split('-', 1)[0] ?? ''
        requests.set(worker, (requests.get(worker) ?? 0) + 1)
      }
      return requests
    },
  }
}
