/**
 * The limit of signed tokens: a Fastify route that parses the form, signs a token of the size of ours with node:crypto, and
 * does nothing else. It knows no client, and signs at once, on the core that it has for everything else.
 */
import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import formbody from '@fastify/formbody'
import fastify from 'fastify'

const { ALG, PORT } = process.env

const pair = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  EdDSA: () => generateKeyPairSync('ed25519').privateKey,
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  HS256: () => randomBytes(32),
}[ALG]()

const signatures = {
  ES256: (text) => sign('sha256', Buffer.from(text), { key: pair, dsaEncoding: 'ieee-p1363' }).toString('base64url'),
  EdDSA: (text) => sign(undefined, Buffer.from(text), pair).toString('base64url'),
  RS256: (text) => sign('sha256', Buffer.from(text), pair).toString('base64url'),
  HS256: (text) => createHmac('sha256', pair).update(text).digest('base64url'),
}
const signature = signatures[ALG]
const header = Buffer.from(JSON.stringify({ alg: ALG, typ: 'at+jwt', kid: 'x'.repeat(43) })).toString('base64url')

const app = fastify()
await app.register(formbody)
app.get('/', async () => 'ready')
app.post('/oauth2/token', async (request) => {
  if (request.body.grant_type !== 'client_credentials') throw new Error('the form was not parsed')
  const iat = Math.floor(Date.now() / 1000)
  const claims = {
    iss: `http://localhost:${PORT}`,
    sub: 'bench',
    aud: `http://localhost:${PORT}`,
    exp: iat + 3600,
    iat,
    jti: randomBytes(32).toString('base64url'),
    client_id: 'bench',
    scope: request.body.scope,
  }
  const text = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
  return { access_token: `${text}.${signature(text)}`, token_type: 'Bearer', expires_in: 3600, scope: claims.scope }
})
await app.listen({ host: '127.0.0.1', port: Number(PORT) })
process.on('SIGTERM', () => app.close())
