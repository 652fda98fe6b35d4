import {
  createAuthorizationServer,
  createCachedClients,
  defineClient,
  formOf,
  generateSecret,
} from '../packages/core/dist/index.js'

/** A server in this process, with one client in a warm cache as the service has it, on a store of tokens. */
export function serverOn(tokens) {
  const { secret, credentialId, hash } = generateSecret()
  const client = defineClient({
    id: 'bench',
    credentials: [{ kind: 'secret', id: credentialId, hash }],
    scopes: { 'orders:read': true, 'orders:write': true },
  })
  const server = createAuthorizationServer({
    issuer: 'https://auth.example.com',
    clients: createCachedClients({ clients: { find: async (id) => (id === client.id ? client : undefined) } }),
    tokens,
  })
  const authorization = `Basic ${btoa(`${client.id}:${secret}`)}`
  const form = formOf({ grant_type: 'client_credentials', scope: 'orders:read orders:write' })
  return {
    issue: async () => (await server.token({ authorization, form })).access_token,
    async introspect(token) {
      const { active } = await server.introspect({ authorization, form: formOf({ token }) })
      if (!active) throw new Error('a token is not active')
    },
  }
}

/** So many tokens, some at a time. */
export async function tokensOf({ issue }, count) {
  const tokens = []
  while (tokens.length < count) tokens.push(...(await Promise.all(Array.from({ length: 100 }, issue))))
  return tokens
}

/** One of them. */
export const anyOf = (values) => values[Math.floor(Math.random() * values.length)]
