import { Agent, request as httpRequest } from 'node:http'
import { fileURLToPath } from 'node:url'
import { defineClient, type GeneratedSecret, generateSecret } from '@latchkey/core'
import { freePort, startProgram } from '@latchkey/test-backends'
import { readConfig } from '../../src/config/read-config.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { basic, FORM } from '../test-server.ts'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** As many connections as there are workers in a load. */
export const CONNECTIONS = 16

/** No answer takes as long as this, unless something is wrong. */
const ANSWER_WITHIN_MS = 20_000

/** What came back, and after how long. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  readonly milliseconds: number
}

/** `latchkey serve` as a process of its own, as an operator runs it, with one client. */
export interface Served {
  /** Posts a form as the client; `undefined` when the connection broke before the whole answer was there. */
  post(path: string, form: Readonly<Record<string, string>>): Promise<Reply | undefined>
  get(path: string): Promise<Reply | undefined>
  /** SIGKILL. */
  kill(): Promise<void>
  /** Starts it again with the same settings, after a kill; resolves once it is ready. */
  start(): Promise<void>
  /** What it has logged lately. */
  log(): string
  stop(): Promise<void>
}

/** Migrates what the settings name, registers the client, and serves. `buildCli` must have been called. */
export async function serve(settings: Readonly<Record<string, string>>): Promise<Served> {
  const generated = generateSecret()
  await prepare(settings, generated)
  const port = await freePort()
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const get = (path: string) => ask(agent, port, 'GET', path)
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('LATCHKEY_'))
  const program = await startProgram({
    file: process.execPath,
    args: [MAIN, 'serve'],
    environment: { ...Object.fromEntries(own), LATCHKEY_PORT: String(port), LATCHKEY_LOG_LEVEL: 'warn', ...settings },
    isReady: async () => (await get('/health/ready'))?.status === 200,
  })
  const authorization = basic('loader', generated.secret)
  return {
    get,
    post: (path, form) => ask(agent, port, 'POST', path, authorization, new URLSearchParams(form).toString()),
    kill: program.kill,
    start: program.start,
    log: program.log,
    async stop() {
      agent.destroy()
      await program.stop()
    },
  }
}

async function prepare(settings: Readonly<Record<string, string>>, { credentialId, hash }: GeneratedSecret) {
  const config = readConfig({ LATCHKEY_ISSUER: 'http://localhost:4000', ...settings }, () => '')
  const storage = await openStorage(config, { directory: import.meta.dirname })
  try {
    for (const { migrations } of storage.migrations) await migrations.apply()
    const credentials = [{ kind: 'secret', id: credentialId, hash } as const]
    await storage.clients.add(defineClient({ id: 'loader', scopes: { read: true }, credentials }))
  } finally {
    await storage.close()
  }
}

function ask(
  agent: Agent,
  port: number,
  method: string,
  path: string,
  authorization = '',
  body = '',
): Promise<Reply | undefined> {
  const begun = performance.now()
  return new Promise((resolve) => {
    const request = httpRequest({
      agent,
      port,
      host: '127.0.0.1',
      method,
      path,
      timeout: ANSWER_WITHIN_MS,
      headers: body === '' ? {} : { authorization, 'content-type': FORM, 'content-length': String(body.length) },
    })
    const broken = (): void => resolve(undefined)
    request.on('timeout', () => request.destroy())
    request.on('error', broken)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', broken)
      response.on('aborted', broken)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
          milliseconds: performance.now() - begun,
        }),
      )
    })
    request.end(body)
  })
}
