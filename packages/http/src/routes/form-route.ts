import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { CertificateOfRequest } from '../client-certificates/certificate-of-request.ts'
import type { FormExchange } from '../exchange/form-exchange.ts'
import { queryOf } from '../exchange/target.ts'
import { send } from './send.ts'

const NO_BODY = new Uint8Array(0)

/** The one place where an endpoint that takes a form meets Fastify. */
export const formRoute =
  (exchange: FormExchange, certificateOf: CertificateOfRequest): RouteHandlerMethod =>
  (request: FastifyRequest, reply: FastifyReply): void => {
    const { headers, url = '' } = request.raw
    // The exchange answers whatever happens, so there is nobody to wait for it.
    void exchange({
      requestId: request.id,
      contentType: headers['content-type'],
      query: queryOf(url),
      authorization: headers.authorization,
      dpop: headers['dpop'] as string | undefined,
      accept: headers.accept,
      clientCertificate: certificateOf(request.raw),
      body: (request.body as Uint8Array | undefined) ?? NO_BODY,
    }).then((response) => send(reply, response))
  }
