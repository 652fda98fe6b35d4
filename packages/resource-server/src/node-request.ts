import type { TokenTransports } from './bearer-transport.ts'
import type { NodeRequest } from './carried-request.ts'
import { type BearerCheck, decide, type RequestVerdict, type RequiredToken } from './request-verdict.ts'

const FORM = /^application\/x-www-form-urlencoded *(?:;|$)/i

/**
 * Decides on a request of plain Node: the token by which it passes, or the answer that it gets. Its body is not touched.
 * Never rejects.
 */
export const verifyNodeRequest = (
  verifier: BearerCheck,
  request: NodeRequest,
  { scopes }: RequiredToken = {},
): Promise<RequestVerdict> => decide(verifier, { ...transportsOf(request, request.url, undefined), scopes })

/**
 * Where a request of Node may carry a token.
 *
 * @param url the address that was asked for, which frameworks change on the request's way.
 * @param body what the framework made of the body, if it has read it already.
 */
export const transportsOf = (request: NodeRequest, url: string | undefined, body: unknown): TokenTransports => ({
  // Node keeps the first of several such headers, or joins them: only the raw lines show them.
  authorization: linesOf('authorization', request.rawHeaders),
  dpop: linesOf('dpop', request.rawHeaders),
  method: request.method,
  url,
  request,
  form: FORM.test(request.headers['content-type'] ?? '') ? body : undefined,
})

const linesOf = (name: string, rawHeaders: readonly string[]): readonly string[] =>
  rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name)
