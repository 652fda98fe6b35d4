import { createMemorySigningKeyStore, createMemoryTokenStore } from '@latchkey/adapter-memory'
import { createAuthorizationServer, defineClient, openKeyRing } from '@latchkey/core'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'

const issuer = 'https://auth.example.com'
const reports = defineClient({ id: 'nightly-reports', scopes: { 'sales:read': true }, claims: { tenant: 'acme' } })

// Keys in memory are lost with the process, and so may be what they are encrypted with. Keys that outlive it take a
// master key: 32 random bytes in base64url, the same on every node.
const ring = await openKeyRing({ store: createMemorySigningKeyStore(), masterKey: 'ephemeral', alg: 'ES256' })

const server = createAuthorizationServer({
  issuer,
  clients: { find: async (id) => (id === reports.id ? structuredClone(reports) : undefined) },
  // Keeps revocations alone: of a JWT nothing else is stored.
  tokens: createMemoryTokenStore(),
  signer: ring,
  accessTokenFormat: 'jwt',
})

const token = await server.createToken({ client: reports, scopes: ['sales:read'] })

// What an API does: it fetches the keys from `jwks_uri` and asks nobody about the token.
const published = server.jwks?.({ ifNoneMatch: undefined })
const keys = createLocalJWKSet(JSON.parse(published?.body ?? '') as JSONWebKeySet)
const { payload } = await jwtVerify(token.value, keys, { issuer, audience: issuer, typ: 'at+jwt' })
console.log('%s may %s for %s', payload.sub, payload['scope'], payload['tenant'])

// The next key is announced now, and signs once no cache can be without it.
await ring.rotate()
for (const { alg, state } of ring.list()) console.log('%s %s', alg, state)

await ring.close()
await server.close()
