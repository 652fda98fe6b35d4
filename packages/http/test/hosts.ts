import { type Agent, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AuthorizationServer } from '@latchkey/core'
import type { FastifyInstance } from 'fastify'
import { type AppSettings, createApp } from '../src/app.ts'
import { createFetchHandler } from '../src/fetch.ts'
import { createLog, type Log } from '../src/log/log.ts'
import { createReadiness } from '../src/readiness.ts'

/** A request as both kinds of host can be sent it. */
export interface Sent {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** What of an answer the server decides: the fields of the connection are left out. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Something that serves an authorization server. */
export interface Host {
  readonly name: string
  send(request: Sent): Promise<Answer>
  close(): Promise<void>
}

const silentLog: Log = createLog('silent', { write: () => undefined })

/** The fields that Node and Fastify add for the connection's sake. */
const CONNECTION_FIELDS = new Set(['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding'])

/** The service's app, listening on a free port. */
export async function listen(
  server: AuthorizationServer,
  settings: AppSettings = {},
  log: Log = silentLog,
  port = 0,
  prepare: (app: FastifyInstance) => unknown = () => undefined,
): Promise<{ readonly app: FastifyInstance; readonly port: number; close(): Promise<void> }> {
  const app = createApp({ server, log, settings, readiness: createReadiness({ adapters: [], log }) })
  prepare(app)
  await app.listen({ host: '127.0.0.1', port })
  return { app, port: (app.server.address() as AddressInfo).port, close: () => app.close() }
}

/** The service's app over a real connection: usual forms go past Fastify, unless `direct` is false. */
async function appHost(name: string, server: AuthorizationServer, direct: boolean): Promise<Host> {
  const { port, close } = await listen(server, { direct })
  return { name, close, send: (request) => sendTo(port, request) }
}

/** Sends a request over a connection of its own, unless an agent has one. */
export const sendTo = (
  port: number,
  { method = 'POST', path, headers = {}, body = '' }: Sent,
  agent: Agent | false = false,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const bytes = Buffer.from(body)
    const length = bytes.length > 0 || method === 'POST' ? { 'content-length': String(bytes.length) } : {}
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      method,
      path,
      agent,
      headers: { ...length, ...headers },
    })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: decided(Object.entries(response.headers) as [string, string][]),
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    request.end(bytes)
  })

/** Everything that answers for a server, so that a test can see that all answer alike. */
export const allHosts = async (server: AuthorizationServer): Promise<readonly Host[]> => [
  await appHost('the service', server, true),
  await appHost('Fastify alone', server, false),
  fetchHost(server),
]

/** The function of the Web platform, called as a program would call it. */
function fetchHost(server: AuthorizationServer): Host {
  const handle = createFetchHandler(server)
  return {
    name: 'the fetch handler',
    close: () => Promise.resolve(),
    async send({ method = 'POST', path, headers = {}, body = '' }) {
      const withBody = !['GET', 'HEAD'].includes(method) && body.length > 0
      const init = { method, headers, ...(withBody && { body: Buffer.from(body) }) }
      const response = await handle(new Request(new URL(path, server.issuer), init))
      return { status: response.status, headers: decided([...response.headers]), body: await response.text() }
    },
  }
}

const decided = (fields: readonly (readonly [string, string])[]): Record<string, string> =>
  Object.fromEntries(fields.filter(([name]) => !CONNECTION_FIELDS.has(name)).sort(([a], [b]) => (a < b ? -1 : 1)))
