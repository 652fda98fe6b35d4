import { readFile } from 'node:fs/promises'
import { importPKCS8 } from 'jose'
import * as client from 'openid-client'

/** Where tokens come from, and as whom they are asked for. */
export interface KeyClientSettings {
  readonly issuer: string
  readonly clientId: string
  /** A file that holds the private key in PEM, and that nobody but this process can read. */
  readonly keyFile: string
  /** What the key is called where it is published. */
  readonly kid?: string
}

/** A client without a secret: it signs each request for a token, and nobody ever sees what it signs with. */
export async function createKeyClient({ issuer, clientId, keyFile, kid }: KeyClientSettings) {
  // What is read here cannot be read out of the process again.
  const key = await importPKCS8(await readFile(keyFile, 'utf8'), 'ES256')
  const signed = client.PrivateKeyJwt({ key, ...(kid !== undefined && { kid }) })
  const config = await client.discovery(new URL(issuer), clientId, undefined, signed, {
    algorithm: 'oauth2',
    // Plain HTTP is for a server on this machine.
    execute: issuer.startsWith('http://localhost:') ? [client.allowInsecureRequests] : [],
  })
  return { requestToken: () => client.clientCredentialsGrant(config, { scope: 'sales:read' }) }
}
