import type { FastifyInstance } from 'fastify'
import { formRoute } from './form-route.ts'
import type { RouteDeps } from './route-deps.ts'
import { routePath } from './route-path.ts'

/** `POST /oauth2/token`: a client asks for a token (RFC 6749 §3.2). */
export function registerTokenRoute(app: FastifyInstance, { server, endpoints, certificateOf }: RouteDeps): void {
  app.post(routePath(server.paths.token), formRoute(endpoints.token, certificateOf))
}
