import type { RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import { type AuthorizationServer, errorResponse } from '@latchkey/core'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { createCertificateOfRequest } from './client-certificates/certificate-of-request.ts'
import type { MutualTlsSettings } from './config/read-mutual-tls.ts'
import { createFormEndpoints } from './exchange/form-endpoints.ts'
import { knownPaths, unroutable } from './exchange/known-paths.ts'
import { MAX_BODY_BYTES, malformedTarget } from './exchange/refusal.ts'
import { createRequestIds } from './exchange/request-ids.ts'
import { SECURITY_HEADERS } from './exchange/security-headers.ts'
import { originForm, pathOf } from './exchange/target.ts'
import type { Log } from './log/log.ts'
import { createRefusalLog } from './log/refusal-log.ts'
import { addRequestLog } from './log/request-log.ts'
import type { Readiness } from './readiness.ts'
import { HEALTH_PATHS, registerHealthRoute } from './routes/health-route.ts'
import { registerIntrospectionRoute } from './routes/introspection-route.ts'
import { registerJwksRoute } from './routes/jwks-route.ts'
import { registerMetadataRoute } from './routes/metadata-route.ts'
import { registerRevocationRoute } from './routes/revocation-route.ts'
import { send } from './routes/send.ts'
import { registerStatusListRoute } from './routes/status-list-route.ts'
import { registerTokenRoute } from './routes/token-route.ts'
import { createClientErrorHandler } from './server/client-error.ts'
import { corsDelegate } from './server/cors.ts'
import { createDirectForms } from './server/direct-forms.ts'
import { headerFault } from './server/field-lines.ts'
import { createHttpServer } from './server/http-server.ts'
import { lingerAfterAnswer } from './server/lingering-close.ts'
import { NO_SCHEMAS } from './server/no-schemas.ts'
import { anyTransportWillDo, cameOverTls, checkForwardedOverTls } from './server/plain-http.ts'
import { refusalOf } from './server/refusal-of-fastify.ts'
import type { TlsSettings } from './server/tls-context.ts'
import { trustedProxies } from './server/trusted-proxies.ts'

const { fastify } = createRequire(import.meta.url)('fastify') as typeof import('fastify')

/** What the service's way with HTTP depends on. */
export interface AppSettings {
  readonly tls?: TlsSettings | undefined
  /** Addresses and CIDR blocks whose `X-Forwarded-*` is believed. */
  readonly trustedProxies?: readonly string[]
  /** How the trusted proxies tell the certificates of clients. */
  readonly mutualTls?: Pick<MutualTlsSettings, 'forwarded'> | undefined
  /** Answers plain HTTP from anybody though the issuer is https. */
  readonly allowInsecureHttp?: boolean
  /** Origins whose scripts may ask. */
  readonly corsOrigins?: readonly string[]
  /** Whether usual forms go past the framework. They do, unless a test wants to see that it makes no difference. */
  readonly direct?: boolean
}

/** What {@link createApp} takes. */
export interface AppDeps {
  readonly server: AuthorizationServer
  readonly readiness: Readiness
  readonly log: Log
  readonly settings?: AppSettings
}

const HEALTH: ReadonlySet<string> = new Set(Object.values(HEALTH_PATHS))
const NOTHING = {}

/**
 * Serves an authorization server over HTTP by Fastify. Nothing of it listens yet.
 *
 * @throws TypeError when a trusted proxy is no address.
 */
export function createApp({ server, readiness, log, settings = {} }: AppDeps): FastifyInstance {
  const { tls, corsOrigins = [], allowInsecureHttp = false } = settings
  const isTrusted = trustedProxies(settings.trustedProxies ?? [])
  const tellRefusal = createRefusalLog(log)
  const nextRequestId = createRequestIds()
  const certificateOf = createCertificateOfRequest({
    asked: tls?.clientCertificates,
    forwarded: settings.mutualTls?.forwarded,
    isTrusted,
  })
  const known = knownPaths(server.paths, [...HEALTH])

  function refuse(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const refusal = refusalOf(thrown, request)
    const path = request.raw.url?.split(/[?#]/, 1)[0] ?? ''
    tellRefusal({ requestId: request.id, path: known.has(path) ? path : undefined, thrown: refusal })
    const response = errorResponse(refusal)
    if (response.status === 413) lingerAfterAnswer(request.raw.socket)
    send(reply, response)
  }

  const endpoints = createFormEndpoints(server, tellRefusal)
  const anyTransport = anyTransportWillDo({ issuer: server.issuer, allowInsecureHttp, tls })
  let closing = false

  /** A log of requests and the fields of CORS are the framework's affair, so that with either all requests are. */
  function listenerOf(otherwise: RequestListener): RequestListener {
    if (settings.direct === false || corsOrigins.length > 0 || log.isLevelEnabled('debug')) return otherwise
    const { token, introspection, revocation } = server.paths
    return createDirectForms({
      exchanges: new Map([
        [token, endpoints.token],
        [introspection, endpoints.introspection],
        [revocation, endpoints.revocation],
      ]),
      nextRequestId,
      certificateOf,
      mayAnswer: (request) => anyTransport || cameOverTls(request, isTrusted),
      isClosing: () => closing,
      otherwise,
    })
  }

  const app = fastify({
    // Fastify's own log would write URLs, headers and packets: ours is told what to write, member by member.
    logger: false,
    genReqId: nextRequestId,
    bodyLimit: MAX_BODY_BYTES,
    serverFactory: (listener) => createHttpServer(listenerOf(listener), tls),
    clientErrorHandler: createClientErrorHandler(tellRefusal, nextRequestId),
    frameworkErrors: (_error, request, reply) => refuse(malformedTarget(), request, reply.headers(SECURITY_HEADERS)),
    rewriteUrl: ({ url = '/' }) => originForm(url),
    routerOptions: { querystringParser: () => NOTHING },
    trustProxy: isTrusted,
    schemaController: NO_SCHEMAS,
    // While it closes, requests on open connections are still answered, each as the last one of its connection.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
  })

  app.setErrorHandler(refuse)
  app.removeAllContentTypeParsers()
  // The body stays bytes: core's parser reads them, after the header has been judged.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(SECURITY_HEADERS)
    done()
  })
  app.addHook('preClose', (done) => {
    closing = true
    done()
  })
  if (!anyTransport)
    app.addHook('onRequest', ({ raw }, _reply, done) => {
      if (!HEALTH.has(pathOf(raw.url ?? ''))) checkForwardedOverTls(raw, isTrusted)
      done()
    })
  app.addHook('onRequest', ({ is404, raw }, _reply, done) => {
    // Before the body is read: whatever it is, nobody wants it.
    if (is404) throw unroutable(known, pathOf(raw.url ?? ''))
    done()
  })
  app.addHook('preHandler', ({ raw }, _reply, done) => done(headerFault(raw)))
  addRequestLog(app, log)
  if (corsOrigins.length > 0)
    void app.register(import('@fastify/cors'), { delegator: corsDelegate(corsOrigins, known) })

  // An OPTIONS that is no preflight ends here; everything else was refused above.
  app.setNotFoundHandler((request, reply) => refuse(unroutable(known, pathOf(request.url)), request, reply))
  const deps = { server, endpoints, certificateOf, readiness }
  registerTokenRoute(app, deps)
  registerIntrospectionRoute(app, deps)
  registerRevocationRoute(app, deps)
  registerMetadataRoute(app, deps)
  registerJwksRoute(app, deps)
  registerStatusListRoute(app, deps)
  registerHealthRoute(app, deps)
  return app
}
