import { createTokenVerifier } from '@latchkey/resource-server'
import { tokenVerification } from '@latchkey/resource-server/fastify'
import Fastify, { type FastifyInstance } from 'fastify'

/** Who issues the tokens, and what this API is registered as there. */
export interface SalesApiSettings {
  readonly issuer: string
  readonly clientSecret: string
}

/** An API that verifies signed tokens with the issuer's keys, and asks the issuer about all others. */
export async function createSalesApi({ issuer, clientSecret }: SalesApiSettings): Promise<FastifyInstance> {
  const app = Fastify()
  const verifier = createTokenVerifier({
    issuer,
    audience: 'https://sales.example.com',
    introspection: { clientId: 'sales-api', clientSecret },
    resourceMetadata: { scopesSupported: ['sales:read', 'sales:refund'] },
    onEvent: ({ type, reason }) => app.log.warn({ type, reason }),
  })
  await app.register(tokenVerification, { verifier })

  app.get('/sales', { onRequest: app.requireToken({ scopes: ['sales:read'] }) }, async ({ accessToken }) => ({
    servedTo: accessToken.clientId,
    until: accessToken.expiresAt,
  }))
  app.post('/refunds', { onRequest: app.requireToken({ scopes: ['sales:read', 'sales:refund'] }) }, async () => ({}))
  return app
}
