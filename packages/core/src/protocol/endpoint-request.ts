import type { ClientCertificate } from './client-certificate.ts'
import type { Form } from './form.ts'

/** A request to the token, introspection or revocation endpoint, free of any HTTP framework. */
export interface EndpointRequest {
  /** The value of the one `Authorization` header. */
  readonly authorization?: string | undefined
  /** The value of the `DPoP` header, or the values of its lines where there are several (RFC 9449 §4.1). */
  readonly dpop?: string | readonly string[] | undefined
  /** The certificate of the client's connection, if it showed one and somebody looks at it (RFC 8705). */
  readonly clientCertificate?: ClientCertificate | undefined
  readonly form: Form
  /** The value of the `Accept` header. */
  readonly accept?: string | undefined
  /** Names the request in events; one is made up where it is missing. */
  readonly requestId?: string | undefined
}
