import {
  type ClientCertificate,
  checkFormHeaders,
  type EndpointRequest,
  type EndpointResponse,
  errorResponse,
  type Form,
  parseForm,
} from '@latchkey/core'
import type { TellRefusal } from './refusal.ts'

/** A request to an endpoint that takes a form, free of any HTTP host. */
export interface FormRequest {
  readonly requestId: string
  readonly contentType: string | undefined
  /** What follows the `?` of the target, without it. */
  readonly query: string
  readonly authorization: string | undefined
  /** The value of the one `DPoP` header. */
  readonly dpop: string | undefined
  readonly accept: string | undefined
  /** The certificate that the client has shown, if anybody looks at it (RFC 8705). */
  readonly clientCertificate: ClientCertificate | undefined
  readonly body: Uint8Array
}

/** Turns a request into the answer to send. Never rejects. */
export type FormExchange = (request: FormRequest) => Promise<EndpointResponse>

/** What {@link createFormExchange} takes. */
export interface FormExchangeDeps<Answer> {
  readonly path: string
  /** The endpoint for whoever sends that `Accept` header. @throws OAuthError when nothing answers it. */
  readonly choose: (accept: string | undefined) => (request: EndpointRequest) => Promise<Answer>
  /** Writes what the endpoint has answered. */
  readonly write: (answer: Answer) => EndpointResponse
  readonly tellRefusal: TellRefusal
}

/**
 * What every host does with a form, so that each answers the same bytes: fields first, then the form, then the endpoint.
 * The endpoint tells of its own refusals in events; those that come before it are told here.
 */
export function createFormExchange<Answer>(deps: FormExchangeDeps<Answer>): FormExchange {
  const { path, choose, write, tellRefusal } = deps
  return async (request) => {
    let endpoint: ReturnType<typeof choose>
    let form: Form
    try {
      checkFormHeaders(request)
      endpoint = choose(request.accept)
      form = parseForm(request.body)
    } catch (thrown) {
      tellRefusal({ requestId: request.requestId, path, thrown })
      return errorResponse(thrown)
    }
    try {
      const { authorization, dpop, clientCertificate, accept, requestId } = request
      return write(await endpoint({ form, authorization, dpop, clientCertificate, accept, requestId }))
    } catch (thrown) {
      return errorResponse(thrown)
    }
  }
}
