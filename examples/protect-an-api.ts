import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AuthorizationServer, EndpointResponse } from '@latchkey/core'
import { errorResponse, OAuthError } from '@latchkey/core'

/** What each operation of the API asks of a token. What is not listed does not exist. */
const SCOPES: Readonly<Record<string, readonly string[]>> = {
  'GET /sales': ['sales:read'],
  'POST /refunds': ['sales:read', 'sales:refund'],
}

/** An API that lets nobody pass without an active token that has the scopes. */
export const createSalesApi = (auth: Pick<AuthorizationServer, 'verifyBearer'>): Server =>
  createServer((request, response) => {
    answerTo(request, auth)
      // `errorResponse` makes 503 of a storage that is away, and of everything else a 500 that tells nothing.
      .catch(errorResponse)
      .then((answer) => send(response, answer))
      .catch(() => response.destroy())
  })

// #region answer
async function answerTo(
  request: IncomingMessage,
  auth: Pick<AuthorizationServer, 'verifyBearer'>,
): Promise<EndpointResponse> {
  const scopes = SCOPES[`${request.method} ${request.url}`]
  if (scopes === undefined) return { status: 404, headers: {}, body: '' }

  // Node keeps the first of two such headers and drops the other: here both are seen, and neither is believed.
  const { authorization = [] } = request.headersDistinct
  if (authorization.length > 1) throw new OAuthError('invalid_request', 'more than one Authorization header was sent')

  const verdict = await auth.verifyBearer({ authorization: authorization[0], scopes })
  // RFC 6750 §3: the status and the challenge say all that a refused caller may know.
  if (!verdict.ok) return { status: verdict.status, headers: verdict.headers, body: '' }
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ servedTo: verdict.client.id, until: verdict.record.expiresAt }),
  }
}
// #endregion

function send(response: ServerResponse, { status, headers, body }: EndpointResponse): void {
  response.writeHead(status, headers).end(body)
}
