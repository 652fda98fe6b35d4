import { createTokenVerifier } from '@latchkey/resource-server'
import { accessTokenOf, requireToken, serveResourceMetadata } from '@latchkey/resource-server/express'
import express, { type Express } from 'express'

/** Who issues the tokens, and what this API is registered as there. */
export interface SalesApiSettings {
  readonly issuer: string
  readonly clientSecret: string
}

// #region api
/** An API that verifies signed tokens with the issuer's keys, and asks the issuer about all others. */
export function createSalesApi({ issuer, clientSecret }: SalesApiSettings): Express {
  const verifier = createTokenVerifier({
    issuer,
    audience: 'https://sales.example.com',
    introspection: { clientId: 'sales-api', clientSecret },
    resourceMetadata: { scopesSupported: ['sales:read', 'sales:refund'] },
    onEvent: ({ type, reason }) => console.warn('%s: %s', type, reason),
  })
  const app = express()
  app.use(serveResourceMetadata(verifier))

  app.get('/sales', requireToken(verifier, { scopes: ['sales:read'] }), (request, response) => {
    const { clientId, expiresAt } = accessTokenOf(request)
    response.json({ servedTo: clientId, until: expiresAt })
  })
  app.post('/refunds', requireToken(verifier, { scopes: ['sales:read', 'sales:refund'] }), (_, response) => {
    response.json({})
  })
  return app
}
// #endregion
