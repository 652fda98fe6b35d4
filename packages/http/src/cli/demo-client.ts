import { type AuthorizationServer, type ClientRegistry, defineClient, generateSecret } from '@latchkey/core'

/** A client for trying the server out. */
export interface DemoClient {
  readonly id: string
  readonly secret: string
}

const DEMO_ID = 'demo'

/** Registers the client `demo` with a secret of this moment, in the place of an earlier one. */
export async function addDemoClient(clients: ClientRegistry): Promise<DemoClient> {
  const { secret, credentialId, hash } = generateSecret()
  const client = defineClient({
    id: DEMO_ID,
    name: 'A client for trying it out',
    credentials: [{ kind: 'secret', id: credentialId, hash, label: 'made by --demo' }],
    scopes: { 'messages:read': true, 'messages:write': true },
  })
  for (;;) {
    const existing = await clients.find(DEMO_ID)
    const written = existing === undefined ? await clients.add(client) : await clients.replace(client, existing.version)
    if (written) return { id: DEMO_ID, secret }
  }
}

/** What is printed of it: the lines to paste are alone on theirs, and need no quotes in any shell. */
export function demoText({ id, secret }: DemoClient, { metadata }: Pick<AuthorizationServer, 'metadata'>): string {
  const as = `curl -u ${id}:${secret}`
  return `
client_id      ${id}
client_secret  ${secret}

Get a token:

${as} -d grant_type=client_credentials ${metadata.token_endpoint}

`
}
