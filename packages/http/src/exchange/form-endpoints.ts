import {
  type AuthorizationServer,
  answerResponse,
  type IntrospectionResponse,
  signedAnswerResponse,
  tokenResponse,
} from '@latchkey/core'
import { introspectionFormat } from './accept.ts'
import { createFormExchange, type FormExchange, type FormExchangeDeps } from './form-exchange.ts'
import type { TellRefusal } from './refusal.ts'

/** The endpoints that take a form. */
export interface FormEndpoints {
  readonly token: FormExchange
  readonly introspection: FormExchange
  readonly revocation: FormExchange
}

/** The endpoints of a server, each as one function from request to answer. */
export function createFormEndpoints(server: AuthorizationServer, tellRefusal: TellRefusal): FormEndpoints {
  const { paths, token, revoke } = server
  return {
    token: createFormExchange({ path: paths.token, choose: () => token, write: tokenResponse, tellRefusal }),
    introspection: createFormExchange({
      path: paths.introspection,
      choose: introspectionBy(server),
      write: (answer) => (typeof answer === 'string' ? signedAnswerResponse(answer) : answerResponse(answer)),
      tellRefusal,
    }),
    revocation: createFormExchange({
      path: paths.revocation,
      choose: () => revoke,
      write: () => answerResponse(undefined),
      tellRefusal,
    }),
  }
}

/** In JSON, or signed for whoever asks for that (RFC 9701 §4). */
function introspectionBy({
  introspect,
  introspectSigned,
}: AuthorizationServer): FormExchangeDeps<IntrospectionResponse | string>['choose'] {
  return (accept) =>
    introspectionFormat(accept, introspectSigned !== undefined) === 'jwt'
      ? (introspectSigned ?? introspect)
      : introspect
}
