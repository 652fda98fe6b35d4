import type { IncomingMessage } from 'node:http'
import { createTokenVerifier, type TokenVerifier } from '@latchkey/resource-server'

/** Who issues the tokens, what this API is registered as there, and the address from which the proxy connects. */
export interface ProxiedApiSettings {
  readonly issuer: string
  readonly clientSecret: string
  readonly proxy: string
}

/** A verifier for an API behind a proxy that ends TLS, and tells of the client's certificate in `Client-Cert` (RFC 9440). */
export function createProxiedVerifier({ issuer, clientSecret, proxy }: ProxiedApiSettings): TokenVerifier {
  // Anybody can send this header. It counts from the proxy alone, which must take it out of what clients send.
  function certificateOf({ socket, headers }: IncomingMessage): Uint8Array | undefined {
    if (socket.remoteAddress !== proxy) return undefined
    // Two such lines are one text with a comma in it here, and no certificate.
    const base64 = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(String(headers['client-cert']))?.[1]
    return base64 === undefined ? undefined : Buffer.from(base64, 'base64')
  }

  return createTokenVerifier({
    issuer,
    audience: 'https://sales.example.com',
    introspection: { clientId: 'sales-api', clientSecret },
    // What clients ask for, whatever the proxy makes of it on the way.
    dpop: { baseUrl: 'https://sales.example.com' },
    mutualTls: { certificateOf },
  })
}
