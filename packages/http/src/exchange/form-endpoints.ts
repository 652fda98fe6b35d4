import type { AuthorizationServer } from '@latchkey/core'
import { checkAcceptsJson } from './accept.ts'
import { createFormExchange, type FormExchange } from './form-exchange.ts'
import type { TellRefusal } from './refusal.ts'

/** The endpoints that take a form. */
export interface FormEndpoints {
  readonly token: FormExchange
  readonly introspection: FormExchange
  readonly revocation: FormExchange
}

/** The endpoints of a server, each as one function from request to answer. */
export const createFormEndpoints = (server: AuthorizationServer, tellRefusal: TellRefusal): FormEndpoints => ({
  token: createFormExchange({ path: server.paths.token, endpoint: server.token, tellRefusal }),
  introspection: createFormExchange({
    path: server.paths.introspection,
    endpoint: server.introspect,
    checkAccept: checkAcceptsJson,
    tellRefusal,
  }),
  revocation: createFormExchange({ path: server.paths.revocation, endpoint: server.revoke, tellRefusal }),
})
