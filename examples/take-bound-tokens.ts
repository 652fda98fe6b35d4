import type { ServerOptions } from 'node:https'
import { createTokenVerifier } from '@latchkey/resource-server'
import { tokenVerification } from '@latchkey/resource-server/fastify'
import Fastify from 'fastify'

/** Who issues the tokens, what this API is registered as there, and where it is seen from outside. */
export interface BoundApiSettings {
  readonly issuer: string
  readonly clientSecret: string
  readonly baseUrl: string
  /** The API's own certificate and key. */
  readonly tls: Pick<ServerOptions, 'cert' | 'key'>
}

/** An API to which a stolen token is worth nothing: whoever shows one proves to hold a key, or a certificate. */
export async function createBoundApi({ issuer, clientSecret, baseUrl, tls }: BoundApiSettings) {
  const verifier = createTokenVerifier({
    issuer,
    audience: 'https://sales.example.com',
    introspection: { clientId: 'sales-api', clientSecret },
    dpop: { baseUrl, requireNonce: true },
    mutualTls: {},
    boundTokensOnly: true,
  })
  // Clients without a certificate, and with one that nobody has issued, get through to the verifier: a token is bound to a
  // certificate by its every byte, and TLS has made sure that the client holds the key of it.
  const app = Fastify({ https: { ...tls, requestCert: true, rejectUnauthorized: false } })
  await app.register(tokenVerification, { verifier })

  app.get('/sales', { onRequest: app.requireToken({ scopes: ['sales:read'] }) }, async ({ accessToken }) => ({
    servedTo: accessToken.clientId,
    boundTo: accessToken.confirmation,
  }))
  return app
}
