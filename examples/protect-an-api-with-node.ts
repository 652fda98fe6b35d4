import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { EndpointResponse } from '@latchkey/core'
import { createTokenVerifier, type TokenVerifier, verifyNodeRequest } from '@latchkey/resource-server'

/** Who issues the tokens, and what this API is registered as there. */
export interface SalesApiSettings {
  readonly issuer: string
  readonly clientSecret: string
}

/** What each operation of the API asks of a token. What is not listed does not exist. */
const SCOPES: Readonly<Record<string, readonly string[]>> = {
  'GET /sales': ['sales:read'],
  'POST /refunds': ['sales:read', 'sales:refund'],
}

/** An API that verifies signed tokens with the issuer's keys, and asks the issuer about all others. */
export function createSalesApi({ issuer, clientSecret }: SalesApiSettings): Server {
  const verifier = createTokenVerifier({
    issuer,
    audience: 'https://sales.example.com',
    introspection: { clientId: 'sales-api', clientSecret },
    resourceMetadata: { scopesSupported: ['sales:read', 'sales:refund'] },
    onEvent: ({ type, reason }) => console.warn('%s: %s', type, reason),
  })
  return createServer((request, response) => {
    answerTo(request, verifier)
      .then(({ status, headers, body }) => response.writeHead(status, headers).end(body))
      .catch(() => response.destroy())
  })
}

// #region answer
async function answerTo(request: IncomingMessage, verifier: TokenVerifier): Promise<EndpointResponse> {
  const operation = `${request.method} ${request.url?.split('?')[0]}`
  const { resourceMetadata } = verifier
  if (operation === `GET ${resourceMetadata?.path}` && resourceMetadata !== undefined) return resourceMetadata.response
  const scopes = SCOPES[operation]
  if (scopes === undefined) return { status: 404, headers: {}, body: '' }

  const verdict = await verifyNodeRequest(verifier, request, { scopes })
  if (!verdict.ok) return verdict.response
  const { clientId, expiresAt } = verdict.accessToken
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ servedTo: clientId, until: expiresAt }),
  }
}
// #endregion
