import {
  type AccessTokenRecord,
  type AuthorizationServer,
  type AuthorizationServerOptions,
  answerResponse,
  type Client,
  type ClientDefinition,
  createAuthorizationServer,
  type DomainEvent,
  defineClient,
  type EndpointRequest,
  type EndpointResponse,
  errorResponse,
  formOf,
  type GeneratedSecret,
  generateSecret,
} from '../src/index.ts'

/** The second at which every test begins. */
export const NOW = 1_800_000_000

export const ISSUER = 'https://auth.example.com'

/** The secret of the client `reports`. */
export const REPORTS: GeneratedSecret = generateSecret()
/** The secret of the client `stranger`. */
export const STRANGER: GeneratedSecret = generateSecret()

/** A secret that a person chose, and its hash. */
export const CHOSEN = {
  secret: 'TopSecretClientSecret',
  hash: '$scrypt$ln=15,r=8,p=3$c2FsdCBvZiAxNiBieXRlcw$fTFtPPqRHDPR1YrVPEOl9a+UDjgYpsgpMqJxlNe7Cyc',
} as const

/** A secret that reads otherwise when it is form-decoded. */
export const CHOSEN_WITH_PERCENT = {
  secret: '50%25 + colon: yes',
  hash: '$scrypt$ln=15,r=8,p=3$YW5vdGhlciBzYWx0LCAxNg$pApeVRAMmBfBrkQsAVan3MbyNNtr6kOiSIk94pnB6Ss',
} as const

export const credentialOf = (
  { credentialId: id, hash }: GeneratedSecret,
  more: { readonly notBefore?: number; readonly expiresAt?: number } = {},
) => ({ kind: 'secret', id, hash, ...more }) as const

/** The usual client, with something else about it. */
export const reports = (more: Partial<ClientDefinition> = {}): Client =>
  defineClient({
    id: 'reports',
    credentials: [credentialOf(REPORTS)],
    scopes: { read: true, write: true, erase: false },
    ...more,
  })

export const stranger = (more: Partial<ClientDefinition> = {}): Client =>
  defineClient({ id: 'stranger', credentials: [credentialOf(STRANGER)], scopes: { read: true }, ...more })

export interface TestServer {
  readonly server: AuthorizationServer
  /** May be set to any second. */
  readonly clock: { seconds: number; now(): number }
  readonly clients: Map<string, Client>
  readonly tokens: Map<string, AccessTokenRecord>
  readonly revoked: Map<string, number>
  /** What the ports were asked, in order. */
  readonly asked: string[]
  /** The events so far, once they have been told. */
  events(): Promise<readonly DomainEvent[]>
}

type Overrides = Partial<AuthorizationServerOptions>

/** A server over an honest store in plain sight. */
export function createTestServer(
  registered: readonly Client[] = [reports(), stranger()],
  overrides: Overrides | ((honest: AuthorizationServerOptions) => Overrides) = {},
): TestServer {
  const clock = { seconds: NOW, now: () => clock.seconds }
  const clients = new Map(registered.map((client) => [client.id, client]))
  const tokens = new Map<string, AccessTokenRecord>()
  const revoked = new Map<string, number>()
  const asked: string[] = []
  const events: DomainEvent[] = []
  const honest: AuthorizationServerOptions = {
    issuer: ISSUER,
    clock,
    onEvent: (event) => events.push(event),
    clients: {
      async find(id) {
        asked.push(`clients.find ${id}`)
        return structuredClone(clients.get(id))
      },
    },
    tokens: {
      async save(record) {
        asked.push(`tokens.save ${record.id}`)
        tokens.set(record.id, structuredClone(record))
      },
      async find(id) {
        asked.push(`tokens.find ${id}`)
        return revoked.has(id) ? undefined : structuredClone(tokens.get(id))
      },
      async revoke(id, expiresAt) {
        asked.push(`tokens.revoke ${id}`)
        revoked.set(id, expiresAt)
      },
      isRevoked: async (id) => revoked.has(id),
    },
  }
  const server = createAuthorizationServer({
    ...honest,
    ...(typeof overrides === 'function' ? overrides(honest) : overrides),
  })
  return {
    server,
    clock,
    clients,
    tokens,
    revoked,
    asked,
    async events() {
      await nextTurn()
      return events
    },
  }
}

/** The next turn of the event loop. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export const basic = (id: string, secret: string): string => `Basic ${btoa(`${id}:${secret}`)}`

/** A request as a client sends it, with the secret in the header. */
export const asReports = (parameters: Readonly<Record<string, string>>): EndpointRequest => ({
  authorization: basic('reports', REPORTS.secret),
  form: formOf(parameters),
})

export const asStranger = (parameters: Readonly<Record<string, string>>): EndpointRequest => ({
  authorization: basic('stranger', STRANGER.secret),
  form: formOf(parameters),
})

/** A request with everything in the body. */
export const posted = (parameters: Readonly<Record<string, string>>): EndpointRequest => ({ form: formOf(parameters) })

export const GRANT = { grant_type: 'client_credentials' } as const

/** What a host would send. */
export async function respond(outcome: Promise<object | undefined | void>): Promise<EndpointResponse> {
  try {
    return answerResponse((await outcome) ?? undefined)
  } catch (error) {
    return errorResponse(error)
  }
}

/** Status and error code: what most tests of refusals are about. */
export async function refusalOf(outcome: Promise<unknown>): Promise<string> {
  const { status, body } = await respond(outcome as Promise<object | undefined>)
  return body === '' ? `${status}` : `${status} ${String((JSON.parse(body) as { error?: unknown }).error)}`
}

/** A token of the client `reports`. */
export const tokenOf = async ({ server }: TestServer, scope?: string): Promise<string> =>
  (await server.token(asReports({ ...GRANT, ...(scope !== undefined && { scope }) }))).access_token
