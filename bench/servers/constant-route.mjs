/** The limit to reach: a Fastify route that parses the same form with the usual plugin and answers a constant of the same size. */
import formbody from '@fastify/formbody'
import fastify from 'fastify'

const ANSWER = JSON.parse(process.env.ANSWER)

const app = fastify()
await app.register(formbody)
app.get('/', async () => 'ready')
app.post('/oauth2/token', async (request) => {
  if (request.body.grant_type !== 'client_credentials') throw new Error('the form was not parsed')
  return ANSWER
})
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
process.on('SIGTERM', () => app.close())
