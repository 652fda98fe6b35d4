import type { AuthorizationServer } from '@latchkey/core'
import type { CertificateOfRequest } from '../client-certificates/certificate-of-request.ts'
import type { FormEndpoints } from '../exchange/form-endpoints.ts'
import type { Readiness } from '../readiness.ts'

/** What the routes are made of. */
export interface RouteDeps {
  readonly server: AuthorizationServer
  readonly endpoints: FormEndpoints
  readonly certificateOf: CertificateOfRequest
  readonly readiness: Readiness
}
