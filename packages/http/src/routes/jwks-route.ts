import type { FastifyInstance } from 'fastify'
import type { RouteDeps } from './route-deps.ts'
import { routePath } from './route-path.ts'
import { send } from './send.ts'

/** `GET` of the published keys (RFC 7517 §5), where there are some. */
export function registerJwksRoute(app: FastifyInstance, { server }: RouteDeps): void {
  const { jwks, paths } = server
  if (jwks === undefined || paths.jwks === undefined) return
  app.get(routePath(paths.jwks), ({ headers }, reply) => send(reply, jwks({ ifNoneMatch: headers['if-none-match'] })))
}
