import type { FastifyServerOptions } from 'fastify'

/**
 * No route of the service has a schema: core reads what comes in, and what goes out is written already. Unless it is told so,
 * Fastify loads what compiles schemas, which is more than half of what it takes to start.
 */
export const NO_SCHEMAS: NonNullable<FastifyServerOptions['schemaController']> = {
  compilersFactory: { buildValidator: refuse, buildSerializer: refuse },
}

function refuse(): never {
  throw new Error('a route has a schema, and nothing is loaded that compiles one')
}
