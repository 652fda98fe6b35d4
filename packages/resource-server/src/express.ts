/**
 * Middleware for Express, and for whatever else takes `(request, response, next)`.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EndpointResponse } from '@latchkey/core'
import { transportsOf } from './node-request.ts'
import { type BearerCheck, decide, type RequiredToken } from './request-verdict.ts'
import type { TokenVerifier } from './token-verifier.ts'
import type { VerifiedToken } from './verified-token.ts'

/** A step on a request's way through Express. */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void | Promise<void>

// Apart from the request, so that nothing that a request brings along can pass for a token.
const tokens = new WeakMap<IncomingMessage, VerifiedToken>()

/** Lets a request pass that has an active token with the scopes, and answers every other. */
export function requireToken(verifier: BearerCheck, { scopes }: RequiredToken = {}): Middleware {
  return async (request, response, next) => {
    const verdict = await decide(verifier, { ...transportsOf(request, addressOf(request), bodyOf(request)), scopes })
    if (verdict.ok) {
      tokens.set(request, verdict.accessToken)
      return next()
    }
    try {
      send(response, verdict.response)
    } catch (error) {
      // Somebody has answered in the meantime.
      next(error)
    }
  }
}

/**
 * The token by which a request passed.
 *
 * @throws TypeError where the route asks for none: what is not checked must not look as if it were.
 */
export function accessTokenOf(request: IncomingMessage): VerifiedToken {
  const token = tokens.get(request)
  if (token === undefined) throw new TypeError('this route does not require a token')
  return token
}

/** Serves the API's metadata (RFC 9728). To be mounted at the root: the path is that of the resource's identifier. */
export function serveResourceMetadata({ resourceMetadata }: Pick<TokenVerifier, 'resourceMetadata'>): Middleware {
  if (resourceMetadata === undefined) throw new TypeError('the verifier was made without resourceMetadata')
  const { path, response: document } = resourceMetadata
  return (request, response, next) => {
    if (addressOf(request)?.split('?')[0] !== path) return next()
    if (request.method === 'GET' || request.method === 'HEAD') return send(response, document)
    send(response, { status: 405, headers: { allow: 'GET, HEAD' }, body: '' })
  }
}

function send(response: ServerResponse, { status, headers, body }: EndpointResponse): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}

/** Express shortens `url` below a mounted router, and keeps the whole of it elsewhere. */
function addressOf(request: IncomingMessage): string | undefined {
  const { originalUrl } = request as IncomingMessage & { readonly originalUrl?: unknown }
  return typeof originalUrl === 'string' ? originalUrl : request.url
}

const bodyOf = (request: IncomingMessage): unknown => (request as IncomingMessage & { readonly body?: unknown }).body
