import {
  answerResponse,
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

/** Answers a form, in whatever way its endpoint has. */
type Answering = (request: EndpointRequest) => Promise<EndpointResponse>

/** What {@link createFormExchange} takes. */
export interface FormExchangeDeps {
  readonly path: string
  /** What answers whoever sends that `Accept` header. @throws OAuthError when nothing does. */
  readonly choose: (accept: string | undefined) => Answering
  readonly tellRefusal: TellRefusal
}

/** The answer of an endpoint as JSON, or as no body where it has none. */
export const inJson =
  (endpoint: (request: EndpointRequest) => Promise<object | void>): Answering =>
  async (request) =>
    answerResponse((await endpoint(request)) ?? undefined)

/**
 * What every host does with a form, so that each answers the same bytes: fields first, then the form, then the endpoint.
 * The endpoint tells of its own refusals in events; those that come before it are told here.
 */
export function createFormExchange({ path, choose, tellRefusal }: FormExchangeDeps): FormExchange {
  return async (request) => {
    let answering: Answering
    let form: Form
    try {
      checkFormHeaders(request)
      answering = choose(request.accept)
      form = parseForm(request.body)
    } catch (thrown) {
      tellRefusal({ requestId: request.requestId, path, thrown })
      return errorResponse(thrown)
    }
    try {
      const { authorization, dpop, clientCertificate, accept, requestId } = request
      return await answering({ form, authorization, dpop, clientCertificate, accept, requestId })
    } catch (thrown) {
      return errorResponse(thrown)
    }
  }
}
