import type { EndpointResponse } from '@latchkey/core'
import { type BearerCheck, decide, type RequestVerdict, type RequiredToken } from './request-verdict.ts'
import type { TokenVerifier } from './token-verifier.ts'

/**
 * Decides on a `Request` of the Web platform: the token by which it passes, or the `Response` that it gets. Its body is not
 * touched. Never rejects.
 */
export async function verifyRequest(
  verifier: BearerCheck,
  request: Request,
  { scopes }: RequiredToken = {},
): Promise<RequestVerdict<Response>> {
  // A `Request` has joined the lines of a field with commas, which no token holds.
  const authorization = request.headers.get('authorization') ?? undefined
  const { method, url } = request
  const dpop = request.headers.get('dpop') ?? undefined
  const verdict = await decide(verifier, { authorization, url, method, dpop, request, scopes })
  return verdict.ok ? verdict : { ok: false, response: webResponse(verdict.response, request.method) }
}

/** The API's metadata, where that is what the request asks for. */
export function resourceMetadataResponse(
  { resourceMetadata }: Pick<TokenVerifier, 'resourceMetadata'>,
  { method, url }: Request,
): Response | undefined {
  if (resourceMetadata === undefined || new URL(url).pathname !== resourceMetadata.path) return undefined
  if (method === 'GET' || method === 'HEAD') return webResponse(resourceMetadata.response, method)
  return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
}

// An empty text would get a content type, and an answer to HEAD has no body.
const webResponse = ({ status, headers, body }: EndpointResponse, method: string): Response =>
  new Response(body === '' || method === 'HEAD' ? null : body, { status, headers })
