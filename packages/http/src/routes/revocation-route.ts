import type { FastifyInstance } from 'fastify'
import { formRoute } from './form-route.ts'
import type { RouteDeps } from './route-deps.ts'
import { routePath } from './route-path.ts'

/** `POST /oauth2/revoke`: a client gives a token back (RFC 7009 §2). */
export function registerRevocationRoute(app: FastifyInstance, { server, endpoints, certificateOf }: RouteDeps): void {
  app.post(routePath(server.paths.revocation), formRoute(endpoints.revocation, certificateOf))
}
