import { OAuthError } from '@latchkey/core'

/** A request that was refused before an endpoint saw it, and of which core therefore raises no event. */
export interface Refusal {
  readonly requestId: string
  /** Where it went, if that is a path that the server knows. One that a stranger made up may hold anything, a secret too. */
  readonly path?: string | undefined
  /** Usually an `OAuthError`. */
  readonly thrown: unknown
}

/** Hears of refusals. */
export type TellRefusal = (refusal: Refusal) => void

/** A listener whose own faults change no answer. */
export const heardOnly =
  (listener: TellRefusal | undefined): TellRefusal =>
  (refusal) => {
    try {
      listener?.(refusal)
    } catch {
      // Its own affair: the answer is the stranger's.
    }
  }

/** Beyond so many bytes a body is refused before it is read: the largest form that makes sense is far smaller. */
export const MAX_BODY_BYTES: number = 64 * 1024

/** No endpoint is there. */
export const notFound = (): OAuthError => new OAuthError('invalid_request', 'there is nothing here', { status: 404 })

/** RFC 9110 §15.5.6: the answer MUST say which methods there are. */
export const methodNotAllowed = (allow: string): OAuthError =>
  new OAuthError('invalid_request', 'the method is not allowed here', { status: 405, allow })

/** RFC 9110 §15.5.14. */
export const bodyTooLarge = (): OAuthError =>
  new OAuthError('invalid_request', 'the request body is too large', { status: 413 })

/** The target of the request cannot be read. */
export const malformedTarget = (): OAuthError => new OAuthError('invalid_request', 'the URL is malformed')

/** RFC 9110 §5.3: a field that is no list MUST NOT come in several lines; which of them counts would be anybody's guess. */
export const repeatedField = (name: string): OAuthError => {
  const reason = `${name} was sent more than once`
  // RFC 9449 §4.3: of the words for it this is the one that a client of DPoP knows.
  return name === 'dpop'
    ? new OAuthError('invalid_dpop_proof', 'more than one DPoP proof was sent', { reason })
    : new OAuthError('invalid_request', 'a header field is repeated', { reason })
}

/** RFC 9112 §3.2: a request of HTTP/1.1 MUST have it. */
export const missingHost = (): OAuthError => new OAuthError('invalid_request', 'the Host header field is missing')

/** Whatever of a request cannot be read as HTTP. */
export const malformedRequest = (status: 400 | 408 | 417 | 431 = 400): OAuthError =>
  new OAuthError('invalid_request', MESSAGES[status], { status })

const MESSAGES = {
  400: 'the request is malformed',
  408: 'the request took too long',
  417: 'the expectation cannot be met',
  431: 'the header fields are too large',
} as const
