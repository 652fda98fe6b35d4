/**
 * The endpoints as one function of the Web platform, for Hono, Next, Bun, Deno and whatever else speaks `Request` and
 * `Response`.
 *
 * @module
 */
import {
  type AuthorizationServer,
  type ClientCertificate,
  type EndpointResponse,
  errorResponse,
  type JwksEndpoint,
  type MetadataEndpoint,
  type StatusListEndpoint,
} from '@latchkey/core'
import { readBody } from './exchange/body-of-request.ts'
import { createFormEndpoints } from './exchange/form-endpoints.ts'
import type { FormExchange } from './exchange/form-exchange.ts'
import { knownPaths, unroutable } from './exchange/known-paths.ts'
import { bodyTooLarge, heardOnly, repeatedField, type TellRefusal } from './exchange/refusal.ts'
import { createRequestIds } from './exchange/request-ids.ts'
import { SECURITY_HEADERS } from './exchange/security-headers.ts'
import { pathOf } from './exchange/target.ts'

export type { Refusal, TellRefusal } from './exchange/refusal.ts'

/** What {@link createFetchHandler} may be given. */
export interface FetchHandlerOptions {
  /** Hears of requests that no endpoint saw: a wrong path or method, a body that is no form. Core's events tell of all others. */
  readonly onRefusal?: TellRefusal
  /**
   * Tells the certificate that the client has shown, for a server with `mutualTls`. A `Request` knows nothing of its
   * connection, so your host has to: from a header only what your own proxy has set. What it throws is answered.
   */
  readonly clientCertificate?: (request: Request) => ClientCertificate | undefined
}

/** A request on its way to an answer. */
interface Exchange {
  readonly request: Request
  readonly requestId: string
  readonly url: URL
}

/** Fields that may come once. A `Request` has joined the lines of a field with commas, which none of these has alone. */
const SINGLE_FIELDS = ['host', 'authorization', 'content-type', 'content-length', 'dpop']

/**
 * Mounts a server's endpoints. The paths are those of its issuer; `/health` is the host's own affair, and so is TLS: what
 * arrives here is answered, whether it came encrypted or not.
 *
 * @returns a function that never rejects.
 */
export function createFetchHandler(
  server: AuthorizationServer,
  { onRefusal, clientCertificate = () => undefined }: FetchHandlerOptions = {},
): (request: Request) => Promise<Response> {
  const tellRefusal = heardOnly(onRefusal)
  const nextRequestId = createRequestIds()
  const { paths } = server
  const known = knownPaths(paths)
  const endpoints = createFormEndpoints(server, tellRefusal)

  const routes = new Map<string, (exchange: Exchange) => EndpointResponse | Promise<EndpointResponse>>([
    [`POST ${paths.token}`, formRoute(endpoints.token, clientCertificate)],
    [`POST ${paths.introspection}`, formRoute(endpoints.introspection, clientCertificate)],
    [`POST ${paths.revocation}`, formRoute(endpoints.revocation, clientCertificate)],
    ...[paths.metadata, paths.openidConfiguration].flatMap((path) =>
      ['GET', 'HEAD'].map((method) => [`${method} ${path}`, metadataRoute(server.metadataDocument)] as const),
    ),
    ...['GET', 'HEAD'].flatMap((method) =>
      server.jwks === undefined ? [] : [[`${method} ${paths.jwks}`, jwksRoute(server.jwks)] as const],
    ),
  ])

  const { statusList } = server
  const lists = paths.statusLists

  /** What has an address of its own; of lists there are as many as there are. */
  function routeOf(method: string, path: string) {
    if (statusList === undefined || lists === undefined || !path.startsWith(lists) || !['GET', 'HEAD'].includes(method))
      return routes.get(`${method} ${path}`)
    return statusListRoute(statusList, path.slice(lists.length))
  }

  return async (request) => {
    const requestId = nextRequestId()
    let path: string | undefined
    try {
      const url = new URL(request.url)
      path = pathOf(url.pathname)
      const route = routeOf(request.method, path)
      if (route === undefined) throw unroutable(known, path)
      return responseOf(await route({ request, requestId, url }), request.method)
    } catch (thrown) {
      tellRefusal({ requestId, path: path !== undefined && known.has(path) ? path : undefined, thrown })
      return responseOf(errorResponse(thrown), request.method)
    }
  }
}

const formRoute =
  (exchange: FormExchange, certificateOf: (request: Request) => ClientCertificate | undefined) =>
  async ({ request, requestId, url }: Exchange): Promise<EndpointResponse> => {
    const body = await readBody(request)
    if (body === undefined) throw bodyTooLarge()
    const { headers } = request
    checkSingleFields(headers)
    return exchange({
      requestId,
      contentType: headers.get('content-type') ?? undefined,
      query: url.search.slice(1),
      authorization: headers.get('authorization') ?? undefined,
      dpop: headers.get('dpop') ?? undefined,
      accept: headers.get('accept') ?? undefined,
      clientCertificate: certificateOf(request),
      body,
    })
  }

const metadataRoute =
  (metadataDocument: MetadataEndpoint) =>
  ({ request }: Exchange): Promise<EndpointResponse> => {
    checkSingleFields(request.headers)
    return metadataDocument()
  }

const jwksRoute =
  (jwks: JwksEndpoint) =>
  ({ request }: Exchange): EndpointResponse => {
    checkSingleFields(request.headers)
    return jwks({ ifNoneMatch: request.headers.get('if-none-match') ?? undefined })
  }

const statusListRoute =
  (statusList: StatusListEndpoint, list: string) =>
  ({ request }: Exchange): Promise<EndpointResponse> => {
    checkSingleFields(request.headers)
    return statusList({ list, ifNoneMatch: request.headers.get('if-none-match') ?? undefined })
  }

/** @throws OAuthError `invalid_request` */
function checkSingleFields(headers: Headers): void {
  const name = SINGLE_FIELDS.find((field) => headers.get(field)?.includes(','))
  if (name !== undefined) throw repeatedField(name)
}

// An empty text would get a content type, and an answer to HEAD has no body.
const responseOf = ({ status, headers, body }: EndpointResponse, method: string): Response =>
  new Response(body === '' || method === 'HEAD' ? null : body, { status, headers: { ...SECURITY_HEADERS, ...headers } })
