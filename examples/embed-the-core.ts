import { createMemoryTokenStore } from '@latchkey/adapter-memory'
import { createAuthorizationServer, defineClient, formOf, generateSecret } from '@latchkey/core'

// The secret is seen here and never again: the client keeps it, the server keeps its hash.
const { secret, credentialId, hash } = generateSecret()
const reports = defineClient({
  id: 'nightly-reports',
  credentials: [{ kind: 'secret', id: credentialId, hash }],
  scopes: { 'sales:read': true, 'sales:refund': false },
})

const server = createAuthorizationServer({
  issuer: 'https://auth.example.com',
  clients: { find: async (id) => (id === reports.id ? structuredClone(reports) : undefined) },
  tokens: createMemoryTokenStore(),
})

const authorization = `Basic ${btoa(`${reports.id}:${secret}`)}`
const answer = await server.token({ authorization, form: formOf({ grant_type: 'client_credentials' }) })
console.log('%s for %s, %d seconds', answer.token_type, answer.scope, answer.expires_in)

const told = await server.introspect({ authorization, form: formOf({ token: answer.access_token }) })
console.log('active: %s, client: %s', told.active, told.active ? told.client_id : 'none')

await server.close()
