import type { FastifyInstance } from 'fastify'
import type { RouteDeps } from './route-deps.ts'
import { routePath } from './route-path.ts'
import { send } from './send.ts'

/** `GET` of the lists of revoked tokens (draft-ietf-oauth-status-list §8), where there are some. */
export function registerStatusListRoute(app: FastifyInstance, { server }: RouteDeps): void {
  const { statusList, paths } = server
  if (statusList === undefined || paths.statusLists === undefined) return
  app.get<{ readonly Params: { readonly list: string } }>(
    `${routePath(paths.statusLists)}:list`,
    async ({ params, headers }, reply) => {
      send(reply, await statusList({ list: params.list, ifNoneMatch: headers['if-none-match'] }))
      return reply
    },
  )
}
