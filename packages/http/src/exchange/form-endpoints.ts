import { type AuthorizationServer, signedAnswerResponse } from '@latchkey/core'
import { introspectionFormat } from './accept.ts'
import { createFormExchange, type FormExchange, type FormExchangeDeps, inJson } from './form-exchange.ts'
import type { TellRefusal } from './refusal.ts'

/** The endpoints that take a form. */
export interface FormEndpoints {
  readonly token: FormExchange
  readonly introspection: FormExchange
  readonly revocation: FormExchange
}

/** The endpoints of a server, each as one function from request to answer. */
export function createFormEndpoints(server: AuthorizationServer, tellRefusal: TellRefusal): FormEndpoints {
  const { paths } = server
  const token = inJson(server.token)
  const revocation = inJson(server.revoke)
  return {
    token: createFormExchange({ path: paths.token, choose: () => token, tellRefusal }),
    introspection: createFormExchange({ path: paths.introspection, choose: introspectionBy(server), tellRefusal }),
    revocation: createFormExchange({ path: paths.revocation, choose: () => revocation, tellRefusal }),
  }
}

/** In JSON, or signed for whoever asks for that (RFC 9701 §4). */
function introspectionBy({ introspect, introspectSigned }: AuthorizationServer): FormExchangeDeps['choose'] {
  const json = inJson(introspect)
  const jwt: typeof json | undefined =
    introspectSigned && (async (request) => signedAnswerResponse(await introspectSigned(request)))
  return (accept) => (introspectionFormat(accept, jwt !== undefined) === 'jwt' ? (jwt ?? json) : json)
}
