/**
 * @jmondi/oauth2-server on Fastify, by the adapter that it has for it. Its access tokens are JWTs by HS256, which is what it does
 * unless told otherwise, and are stored besides.
 */
import { randomBytes } from 'node:crypto'
import formbody from '@fastify/formbody'
import { AuthorizationServer, DateInterval } from '@jmondi/oauth2-server'
import { handleFastifyError, handleFastifyReply, requestFromFastify } from '@jmondi/oauth2-server/fastify'
import fastify from 'fastify'
import { createStores } from './jmondi-stores.mjs'

const { CLIENT_ID, CLIENT_SECRET, PORT, SCOPE } = process.env
const stores = createStores({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, scope: SCOPE })
const server = new AuthorizationServer(
  stores.clients,
  stores.tokens,
  stores.scopes,
  randomBytes(32).toString('base64url'),
)
server.enableGrantType('client_credentials', new DateInterval('1h'))

const app = fastify()
await app.register(formbody)
app.get('/', async () => 'ready')
const answering = (respond) => async (request, reply) => {
  try {
    handleFastifyReply(reply, await respond(requestFromFastify(request)))
  } catch (error) {
    handleFastifyError(error, reply)
  }
  return reply
}
app.post(
  '/oauth2/token',
  answering((request) => server.respondToAccessTokenRequest(request)),
)
app.post(
  '/oauth2/introspect',
  answering((request) => server.introspect(request)),
)
app.post(
  '/oauth2/revoke',
  answering((request) => server.revoke(request)),
)
await app.listen({ host: '127.0.0.1', port: Number(PORT) })
process.on('SIGTERM', () => app.close())
