import { fastify } from 'fastify'
import { expect, it } from 'vitest'
import { NO_SCHEMAS } from '../../src/server/no-schemas.ts'

it('serves a route without a schema, and starts with none that has one', async () => {
  const without = fastify({ schemaController: NO_SCHEMAS })
  without.get('/', async () => ({ answered: true }))
  expect((await without.inject('/')).json()).toEqual({ answered: true })

  const having = fastify({ schemaController: NO_SCHEMAS })
  having.get('/', { schema: { querystring: { type: 'object' } } }, async () => ({}))
  await expect((async () => having.ready())()).rejects.toThrow('a route has a schema')
})
