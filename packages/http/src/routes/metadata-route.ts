import type { FastifyInstance, RouteHandlerMethod } from 'fastify'
import type { RouteDeps } from './route-deps.ts'
import { routePath } from './route-path.ts'
import { send } from './send.ts'

/** `GET` of both well-known documents: what a client learns by itself (RFC 8414 §3). */
export function registerMetadataRoute(app: FastifyInstance, { server }: RouteDeps): void {
  const route: RouteHandlerMethod = async (_request, reply) => send(reply, await server.metadataDocument())
  app.get(routePath(server.paths.metadata), route)
  app.get(routePath(server.paths.openidConfiguration), route)
}
