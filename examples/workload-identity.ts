import { readFileSync } from 'node:fs'
import * as client from 'openid-client'

/** Where tokens come from, and what tells who asks for them. */
export interface WorkloadSettings {
  readonly issuer: string
  readonly clientId: string
  /** Where the platform keeps a token for this workload, such as `/var/run/secrets/tokens/latchkey`. */
  readonly tokenFile: string
}

/** A client that has nothing of its own to keep: it shows the token by which its platform says who it is. */
export async function createWorkload({ issuer, clientId, tokenFile }: WorkloadSettings) {
  const asWhoItIs: client.ClientAuth = (_server, _client, body) => {
    body.set('client_id', clientId)
    body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    // Read for each request: the platform puts another one there long before this one expires.
    body.set('client_assertion', readFileSync(tokenFile, 'utf8').trim())
  }
  const config = await client.discovery(new URL(issuer), clientId, undefined, asWhoItIs, {
    algorithm: 'oauth2',
    // Plain HTTP is for a server on this machine.
    execute: issuer.startsWith('http://localhost:') ? [client.allowInsecureRequests] : [],
  })
  return { requestToken: () => client.clientCredentialsGrant(config, { scope: 'sales:read' }) }
}
