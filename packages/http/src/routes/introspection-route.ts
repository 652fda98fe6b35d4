import type { FastifyInstance } from 'fastify'
import { formRoute } from './form-route.ts'
import type { RouteDeps } from './route-deps.ts'
import { routePath } from './route-path.ts'

/** `POST /oauth2/introspect`: an API asks whether a token is good (RFC 7662 §2). */
export function registerIntrospectionRoute(
  app: FastifyInstance,
  { server, endpoints, certificateOf }: RouteDeps,
): void {
  app.post(routePath(server.paths.introspection), formRoute(endpoints.introspection, certificateOf))
}
