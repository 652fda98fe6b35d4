/** A limit: a Fastify route that parses the form with the usual plugin, does one piece of work, and answers as JSON. */
import formbody from '@fastify/formbody'
import fastify from 'fastify'
import { workOf } from './limit-work.mjs'

const work = workOf(process.env)

const app = fastify()
await app.register(formbody)
app.get('/', async () => 'ready')
const answer = async ({ body }) => {
  if (body.grant_type !== 'client_credentials' && body.token === undefined) throw new Error('the form was not parsed')
  return work(body)
}
app.post('/oauth2/token', answer)
app.post('/oauth2/introspect', answer)
app.post('/oauth2/revoke', answer)
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
process.on('SIGTERM', () => app.close())
