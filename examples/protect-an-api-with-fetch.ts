import { createTokenVerifier, resourceMetadataResponse, verifyRequest } from '@latchkey/resource-server'

/** Who issues the tokens, and what this API is registered as there. */
export interface SalesApiSettings {
  readonly issuer: string
  readonly clientSecret: string
}

// #region api
/** What each operation of the API asks of a token. What is not listed does not exist. */
const SCOPES: Readonly<Record<string, readonly string[]>> = {
  'GET /sales': ['sales:read'],
  'POST /refunds': ['sales:read', 'sales:refund'],
}

/** An API that verifies signed tokens with the issuer's keys, and asks the issuer about all others. */
export function createSalesApi({ issuer, clientSecret }: SalesApiSettings): (request: Request) => Promise<Response> {
  const verifier = createTokenVerifier({
    issuer,
    audience: 'https://sales.example.com',
    introspection: { clientId: 'sales-api', clientSecret },
    resourceMetadata: { scopesSupported: ['sales:read', 'sales:refund'] },
    onEvent: ({ type, reason }) => console.warn('%s: %s', type, reason),
  })

  return async (request) => {
    const metadata = resourceMetadataResponse(verifier, request)
    if (metadata !== undefined) return metadata
    const scopes = SCOPES[`${request.method} ${new URL(request.url).pathname}`]
    if (scopes === undefined) return new Response(null, { status: 404 })

    const verdict = await verifyRequest(verifier, request, { scopes })
    if (!verdict.ok) return verdict.response
    const { clientId, expiresAt } = verdict.accessToken
    return Response.json({ servedTo: clientId, until: expiresAt })
  }
}
// #endregion
