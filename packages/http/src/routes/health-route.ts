import { answerResponse, type EndpointResponse } from '@latchkey/core'
import type { FastifyInstance } from 'fastify'
import type { RouteDeps } from './route-deps.ts'
import { send } from './send.ts'

/** Where the health of the process is asked. At the root whatever the issuer is, and over plain HTTP too. */
export const HEALTH_PATHS = { live: '/health/live', ready: '/health/ready' } as const

const OK = answerResponse({ status: 'ok' })
const UNAVAILABLE: EndpointResponse = { ...answerResponse({ status: 'unavailable' }), status: 503 }

/** `GET /health/live`: the process answers. `GET /health/ready`: and it can serve. Why not is in the log alone. */
export function registerHealthRoute(app: FastifyInstance, { readiness }: RouteDeps): void {
  app.get(HEALTH_PATHS.live, (_request, reply) => send(reply, OK))
  app.get(HEALTH_PATHS.ready, (_request, reply) => {
    void readiness.isReady().then((ready) => send(reply, ready ? OK : UNAVAILABLE))
  })
}
