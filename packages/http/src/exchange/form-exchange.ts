import {
  answerResponse,
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
  readonly accept: string | undefined
  readonly body: Uint8Array
}

/** Turns a request into the answer to send. Never rejects. */
export type FormExchange = (request: FormRequest) => Promise<EndpointResponse>

/** What {@link createFormExchange} takes. */
export interface FormExchangeDeps {
  readonly path: string
  readonly endpoint: (request: EndpointRequest) => Promise<object | void>
  /** What the endpoint asks of the `Accept` header, if anything. @throws OAuthError */
  readonly checkAccept?: (accept: string | undefined) => void
  readonly tellRefusal: TellRefusal
}

/**
 * What every host does with a form, so that each answers the same bytes: fields first, then the form, then the endpoint.
 * The endpoint tells of its own refusals in events; those that come before it are told here.
 */
export function createFormExchange({ path, endpoint, checkAccept, tellRefusal }: FormExchangeDeps): FormExchange {
  function read(request: FormRequest): Form {
    checkFormHeaders(request)
    checkAccept?.(request.accept)
    return parseForm(request.body)
  }

  return async (request) => {
    let form: Form
    try {
      form = read(request)
    } catch (thrown) {
      tellRefusal({ requestId: request.requestId, path, thrown })
      return errorResponse(thrown)
    }
    try {
      const { authorization, accept, requestId } = request
      return answerResponse((await endpoint({ form, authorization, accept, requestId })) ?? undefined)
    } catch (thrown) {
      return errorResponse(thrown)
    }
  }
}
