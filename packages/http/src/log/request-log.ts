import type { FastifyInstance } from 'fastify'
import type { Log } from './log.ts'

/** A line for each request, for whoever looks for a fault. Costs nothing unless the log is set to `debug`. */
export function addRequestLog(app: FastifyInstance, log: Log): void {
  if (!log.isLevelEnabled('debug')) return
  app.addHook('onResponse', (request, reply, done) => {
    const { id: requestId, method, routeOptions } = request
    const milliseconds = Math.round(reply.elapsedTime)
    // The pattern of the route, never the path: what a stranger asks for may hold anything.
    log.debug({ event: 'request', requestId, method, path: routeOptions.url, status: reply.statusCode, milliseconds })
    done()
  })
}
