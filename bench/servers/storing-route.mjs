/**
 * The limit of a storage: Fastify routes that parse the form and know no client. One makes a token and its hash and saves a
 * record of the size of ours, the other hashes a token and finds its record; both in the fastest batches.
 */
import { createHash, randomBytes } from 'node:crypto'
import formbody from '@fastify/formbody'
import fastify from 'fastify'
import { openBackend } from '../backends/index.mjs'

const { ANSWER: answer, PORT, STORAGE } = process.env
const ANSWER = JSON.parse(answer)
const backend = await openBackend(STORAGE.startsWith('postgres') ? 'postgres' : 'redis', STORAGE)
const { save, find } = backend.limits(64).at(-1)
const idOf = (token) => createHash('sha256').update(token).digest('base64url')

const app = fastify()
await app.register(formbody)
app.get('/', async () => 'ready')
app.post('/oauth2/token', async ({ body: { grant_type: grant, scope } }) => {
  if (grant !== 'client_credentials') throw new Error('the form was not parsed')
  const token = `lk_at_${randomBytes(36).toString('base64url')}`
  const issuedAt = Math.floor(Date.now() / 1000)
  await save({
    id: idOf(token),
    clientId: 'bench',
    subject: 'bench',
    scopes: scope.split(' '),
    audience: [`http://localhost:${PORT}`],
    issuedAt,
    expiresAt: issuedAt + 3600,
  })
  return { access_token: token, token_type: 'Bearer', expires_in: 3600, scope }
})
app.post('/oauth2/introspect', async ({ body: { token } }) => {
  const found = await find(idOf(token))
  if (JSON.parse(found) === null) throw new Error('a token was not found')
  return ANSWER
})
await app.listen({ host: '127.0.0.1', port: Number(PORT) })
process.on('SIGTERM', () => app.close().then(() => process.exit(0)))
