import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { ClientCertificate, EndpointResponse } from '@latchkey/core'
import type { CertificateOfRequest } from '../client-certificates/certificate-of-request.ts'
import type { FormExchange, FormRequest } from '../exchange/form-exchange.ts'
import { MAX_BODY_BYTES } from '../exchange/refusal.ts'
import { SECURITY_HEADERS } from '../exchange/security-headers.ts'
import { headerFault } from './field-lines.ts'
import { inBatches } from './in-batches.ts'

/** What {@link createDirectForms} takes. */
export interface DirectFormsDeps {
  /** The endpoints that take a form, by their paths. */
  readonly exchanges: ReadonlyMap<string, FormExchange>
  readonly nextRequestId: () => string
  readonly certificateOf: CertificateOfRequest
  /** Whether a request may be answered as it came: over TLS, or over plain HTTP where that will do. */
  readonly mayAnswer: (request: IncomingMessage) => boolean
  /** Whether the server is about to end, so that answers are the last ones of their connections. */
  readonly isClosing: () => boolean
  /** Answers everything else. */
  readonly otherwise: RequestListener
}

/** A form that is there as a whole. */
interface Arrived {
  readonly exchange: FormExchange
  readonly response: ServerResponse
  readonly form: FormRequest
}

/** A response, and what is to be written there. */
interface Answered {
  readonly response: ServerResponse
  readonly answer: EndpointResponse
}

const FORM = 'application/x-www-form-urlencoded'
const NO_BODY = new Uint8Array(0)

/**
 * Answers forms as nearly all clients send them without the framework, which costs as much as everything that core does.
 *
 * Only what cannot be refused before its form is read is taken here, and it takes the same exchange. Every other request,
 * however slightly odd, is Fastify's: there is one place that words refusals, and it is not this one.
 */
export function createDirectForms(deps: DirectFormsDeps): RequestListener {
  const { exchanges, nextRequestId, certificateOf, mayAnswer, isClosing, otherwise } = deps
  const send = inBatches(write)
  const begin = inBatches(({ exchange, response, form }: Arrived) => {
    void exchange(form).then((answer) => send({ response, answer }))
  })

  return (request, response) => {
    const exchange = isUsualForm(request) ? exchanges.get(request.url as string) : undefined
    if (exchange === undefined || isClosing() || !mayAnswer(request)) {
      otherwise(request, response)
      return
    }
    let clientCertificate: ClientCertificate | undefined
    try {
      clientCertificate = certificateOf(request)
    } catch {
      otherwise(request, response)
      return
    }
    const { authorization, accept } = request.headers
    const dpop = request.headers['dpop'] as string | undefined
    // A body that breaks off ends in no event that matters here: there is nobody left to answer.
    readBody(request, (body) => {
      const requestId = nextRequestId()
      // Written as a whole: objects that are spread together have no shape that the engine knows, and every look costs.
      const form = {
        requestId,
        contentType: FORM,
        query: '',
        authorization,
        dpop,
        accept,
        clientCertificate,
        body,
      }
      begin({ exchange, response, form })
    })
  }
}

/** A form of a known size within the limit, with nothing about its fields that would have to be refused or negotiated. */
function isUsualForm(request: IncomingMessage): boolean {
  const { method, headers } = request
  return (
    method === 'POST' &&
    headers['content-type'] === FORM &&
    Number(headers['content-length']) <= MAX_BODY_BYTES &&
    headers.expect === undefined &&
    headerFault(request) === undefined
  )
}

/** Nearly every form arrives in one piece, which then is the body without being copied. */
function readBody(request: IncomingMessage, done: (body: Uint8Array) => void): void {
  let body: Uint8Array = NO_BODY
  let more: Uint8Array[] | undefined
  request.on('data', (chunk: Buffer) => {
    if (more !== undefined) more.push(chunk)
    else if (body === NO_BODY) body = chunk
    else more = [body, chunk]
  })
  request.on('end', () => done(more === undefined ? body : Buffer.concat(more)))
  // Without a listener a connection that breaks off would end the process.
  request.on('error', () => undefined)
}

function write({ response, answer: { status, headers, body } }: Answered): void {
  response.writeHead(status, [...fieldsOf(headers), 'content-length', `${Buffer.byteLength(body)}`])
  // Header and body go out in one piece: what `end` is given is followed by an empty one. A socket that is not held back by
  // us is held back by Node, until the end of the turn.
  response.socket?.cork()
  response.write(body)
  response.socket?.uncork()
  response.end()
}

/** Names and values in turn, as Node writes them. Good answers share their header, so that it is put together once. */
const written = new WeakMap<EndpointResponse['headers'], readonly string[]>()

function fieldsOf(headers: EndpointResponse['headers']): readonly string[] {
  const known = written.get(headers)
  if (known !== undefined) return known
  const fields = Object.entries({ ...SECURITY_HEADERS, ...headers }).flat()
  if (Object.isFrozen(headers)) written.set(headers, fields)
  return fields
}
