import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { errorResponse } from '@latchkey/core'
import { MAX_BODY_BYTES, malformedRequest } from '../exchange/refusal.ts'
import { SECURITY_HEADERS } from '../exchange/security-headers.ts'
import { ticketKeysOf } from './ticket-keys.ts'

/** A certificate and its private key, as PEM. */
export interface TlsKeyPair {
  readonly cert: string
  readonly key: string
  /** What several processes on one port make the keys of session tickets of, so that each resumes what another began. */
  readonly ticketSecret?: Uint8Array
}

/** Limits of a connection. A client on a slow line fits well within them; one that holds connections open does not. */
const LIMITS: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  connectionsCheckingInterval: 2000,
  // Above the 60 s after which usual load balancers let go: who closes last never meets a connection that is gone.
  keepAliveTimeout: 65_000,
  // A missing Host is refused where it can be refused in JSON.
  requireHostHeader: false,
}

/** How long a connection may be silent while a request is under way, in milliseconds. */
const SILENCE_MS = 30_000

/** Makes the server of Node below Fastify: plain, or with TLS 1.2 and later. */
export function createHttpServer(listener: RequestListener, tls: TlsKeyPair | undefined): Server {
  const server =
    tls === undefined
      ? createServer(LIMITS, listener)
      : createTlsServer({ ...LIMITS, ...tls, ...ticketKeysOf(tls), minVersion: 'TLSv1.2' }, listener)
  server.setTimeout(SILENCE_MS)
  // The size of the header bounds the number of fields. A bound on the number would drop fields without a word.
  server.maxHeadersCount = 0
  server.on('checkContinue', (request, response) => {
    // RFC 9110 §10.1.1: who is going to be refused should not send the body first.
    if (!(Number(request.headers['content-length']) > MAX_BODY_BYTES)) response.writeContinue()
    listener(request, response)
  })
  server.on('checkExpectation', (_request, response) => {
    const { status, headers, body } = errorResponse(malformedRequest(417))
    const length = { 'content-length': Buffer.byteLength(body), connection: 'close' }
    response.writeHead(status, { ...SECURITY_HEADERS, ...headers, ...length }).end(body)
  })
  return server
}
