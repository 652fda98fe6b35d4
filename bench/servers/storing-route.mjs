/**
 * The limit of a storage: a Fastify route that parses the form, makes a token and its hash, saves a record of the size of ours
 * in the fastest batches, and knows no client.
 */
import { createHash, randomBytes } from 'node:crypto'
import formbody from '@fastify/formbody'
import fastify from 'fastify'
import { openBackend } from '../backends/index.mjs'

const { PORT, STORAGE } = process.env
const backend = await openBackend(STORAGE.startsWith('postgres') ? 'postgres' : 'redis', STORAGE)
const { save } = backend.limits(64).at(-1)

const app = fastify()
await app.register(formbody)
app.get('/', async () => 'ready')
app.post('/oauth2/token', async ({ body: { grant_type: grant, scope } }) => {
  if (grant !== 'client_credentials') throw new Error('the form was not parsed')
  const token = `lk_at_${randomBytes(36).toString('base64url')}`
  const issuedAt = Math.floor(Date.now() / 1000)
  await save({
    id: createHash('sha256').update(token).digest('base64url'),
    clientId: 'bench',
    subject: 'bench',
    scopes: scope.split(' '),
    audience: [`http://localhost:${PORT}`],
    issuedAt,
    expiresAt: issuedAt + 3600,
  })
  return { access_token: token, token_type: 'Bearer', expires_in: 3600, scope }
})
await app.listen({ host: '127.0.0.1', port: Number(PORT) })
process.on('SIGTERM', () => app.close().then(() => process.exit(0)))
