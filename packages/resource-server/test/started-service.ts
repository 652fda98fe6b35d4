import { type AddressInfo, createServer } from 'node:net'
import { generateSecret } from '@latchkey/core'
import { createLog, readConfig, type Service, startService } from '@latchkey/http'
import { API } from './test-issuer.ts'

/** Our own service, with a client that asks for tokens and the API that asks about them. */
export interface StartedService {
  readonly issuer: string
  readonly service: Service
  /** The secrets of the clients, by id. */
  readonly secrets: Readonly<Record<'nightly-reports' | 'sales-api', string>>
  tokenOf(scope?: string, resource?: string): Promise<string>
  revoke(token: string): Promise<void>
}

/** What else there is to a service. */
export interface StartedServiceOptions {
  readonly resources?: Record<string, object>
  /** Clients beside the usual ones. */
  readonly others?: Record<string, object>
  /** Trusts the certificate of a service with TLS. */
  readonly fetch?: typeof fetch
}

/** Starts it as the operator does: with settings and a clients file. */
export async function startedService(
  settings: Record<string, string> = {},
  { resources = {}, others = {}, fetch: ask = fetch }: StartedServiceOptions = {},
): Promise<StartedService> {
  const issuer = `${settings['LATCHKEY_TLS_CERT'] ? 'https' : 'http'}://localhost:${await freePort()}`
  const reports = generateSecret()
  const api = generateSecret()
  const clients = {
    ...others,
    'nightly-reports': {
      client_secret_hash: reports.hash,
      scopes: { 'sales:read': true, 'sales:refund': true },
      resources: Object.keys(resources),
    },
    'sales-api': { client_secret_hash: api.hash, resource_server_for: [API] },
  }
  const environment = {
    LATCHKEY_ISSUER: issuer,
    LATCHKEY_PORT: new URL(issuer).port,
    LATCHKEY_DEFAULT_AUDIENCE: API,
    LATCHKEY_CLIENTS_FILE: 'clients.json',
    ...settings,
  }
  const readFile = (): string => JSON.stringify({ clients, resources })
  const config = readConfig(environment, readFile)
  const log = createLog('error', { write: () => undefined })
  const service = await startService({ config, log, directory: import.meta.dirname, readFile })

  const secrets = { 'nightly-reports': reports.secret, 'sales-api': api.secret }
  const authorization = `Basic ${btoa(`nightly-reports:${secrets['nightly-reports']}`)}`
  const post = async (path: string, parameters: Record<string, string>): Promise<Response> => {
    const body = new URLSearchParams(parameters)
    const response = await ask(`${issuer}/oauth2/${path}`, { method: 'POST', headers: { authorization }, body })
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return response
  }
  return {
    issuer,
    service,
    secrets,
    async tokenOf(scope = 'sales:read', resource = '') {
      const answer = await post('token', { grant_type: 'client_credentials', scope, resource })
      return ((await answer.json()) as { access_token: string }).access_token
    },
    async revoke(token) {
      await post('revoke', { token })
    },
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
