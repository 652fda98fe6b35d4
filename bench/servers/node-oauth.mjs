/**
 * @node-oauth/oauth2-server on Express, by the request and the response that it has for frameworks, with a model in two `Map`s:
 * the client's secret as SHA-256 and compared in constant time, as Latchkey keeps one that was generated, and the token as it
 * was made. It has no endpoints but the token's; whether a token is good is asked of its own `authenticate`.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import OAuth2Server from '@node-oauth/oauth2-server'
import express from 'express'

const { CLIENT_ID, CLIENT_SECRET, PORT, SCOPE } = process.env
const sha256 = (value) => createHash('sha256').update(value).digest()

const clients = new Map([
  [
    CLIENT_ID,
    { id: CLIENT_ID, secret: sha256(CLIENT_SECRET), grants: ['client_credentials'], scopes: SCOPE.split(' ') },
  ],
])
const tokens = new Map()

const oauth = new OAuth2Server({
  accessTokenLifetime: 3600,
  model: {
    async getClient(id, secret) {
      const client = clients.get(id)
      return client !== undefined && timingSafeEqual(sha256(secret), client.secret) ? client : false
    },
    async getUserFromClient({ id }) {
      return { id }
    },
    async validateScope(_user, client, scope) {
      return scope === undefined || scope.every((one) => client.scopes.includes(one)) ? (scope ?? client.scopes) : false
    },
    async saveToken(token, client, user) {
      const saved = { ...token, client, user }
      tokens.set(token.accessToken, saved)
      return saved
    },
    async getAccessToken(token) {
      return tokens.get(token)
    },
  },
})

const app = express()
app.disable('x-powered-by').disable('etag')
app.use(express.urlencoded({ extended: false }))
app.get('/', (_request, response) => response.send('ready'))
app.post('/oauth2/token', async (request, response) => {
  const answer = new OAuth2Server.Response(response)
  try {
    await oauth.token(new OAuth2Server.Request(request), answer)
  } catch {
    // The answer says it.
  }
  response.set(answer.headers).status(answer.status).json(answer.body)
})
app.post('/oauth2/introspect', async (request, response) => {
  const bearer = new OAuth2Server.Request({
    method: 'GET',
    query: {},
    headers: { authorization: `Bearer ${request.body.token}` },
  })
  const token = await oauth.authenticate(bearer, new OAuth2Server.Response()).catch(() => undefined)
  response.json({ active: token !== undefined })
})
const server = app.listen(Number(PORT), '127.0.0.1')
process.on('SIGTERM', () => server.close(() => process.exit(0)).closeAllConnections())
