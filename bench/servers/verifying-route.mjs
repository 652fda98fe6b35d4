/**
 * The limit of clients that sign: a Fastify route that parses the form, verifies by node:crypto the assertion or the proof that
 * came with it, and returns a constant. It looks at nothing that they claim, and lets each pass again and again.
 */
import { createPublicKey, verify } from 'node:crypto'
import formbody from '@fastify/formbody'
import fastify from 'fastify'

const { PORT, JWK, ASSERTION, PROOF } = process.env
const ANSWER = `{"access_token":"${'x'.repeat(55)}","token_type":"Bearer","expires_in":3600}`
const registered = createPublicKey({ key: JSON.parse(JWK), format: 'jwk' })

function verified(token, key) {
  const end = token.lastIndexOf('.')
  const signature = Buffer.from(token.slice(end + 1), 'base64url')
  const data = Buffer.from(token.slice(0, end))
  if (!verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature)) throw new Error('a signature is not good')
}

const headerOf = (token) => JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString())

const app = fastify()
await app.register(formbody)
app.get('/', async () => 'ready')
app.post('/oauth2/token', async (request, reply) => {
  if (request.body.grant_type !== 'client_credentials') throw new Error('the form was not parsed')
  if (ASSERTION) verified(request.body.client_assertion, registered)
  if (PROOF) {
    const { dpop } = request.headers
    verified(dpop, createPublicKey({ key: headerOf(dpop).jwk, format: 'jwk' }))
  }
  return reply.type('application/json').send(ANSWER)
})
await app.listen({ host: '127.0.0.1', port: Number(PORT) })
process.on('SIGTERM', () => app.close())
