import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const sha256 = (value) => createHash('sha256').update(value).digest()

/**
 * The repositories that @jmondi/oauth2-server asks for, in `Map`s, after the example that comes with it: a token is the entity
 * that the library hands over. The client's secret is compared in constant time, as SHA-256.
 */
export function createStores({ clientId, clientSecret, scope }) {
  const scopes = new Map(scope.split(' ').map((name) => [name, { name }]))
  const secret = sha256(clientSecret)
  const clients = new Map([
    [
      clientId,
      {
        id: clientId,
        name: clientId,
        secret: clientSecret,
        redirectUris: [],
        allowedGrants: ['client_credentials'],
        scopes: [...scopes.values()],
      },
    ],
  ])
  const tokens = new Map()
  return {
    clients: {
      async getByIdentifier(id) {
        return clients.get(id)
      },
      async isClientValid(grant, client, presented) {
        return (
          client.allowedGrants.includes(grant) && presented !== undefined && timingSafeEqual(sha256(presented), secret)
        )
      },
    },
    scopes: {
      async getAllByIdentifiers(names) {
        return names.flatMap((name) => scopes.get(name) ?? [])
      },
      async finalize(asked) {
        return asked
      },
    },
    tokens: {
      async issueToken(client, asked, user) {
        return {
          accessToken: randomBytes(32).toString('base64url'),
          accessTokenExpiresAt: new Date(Date.now() + 3_600_000),
          client,
          user,
          scopes: asked,
        }
      },
      async persist(token) {
        tokens.set(token.accessToken, token)
      },
      async revoke(token) {
        tokens.delete(token.accessToken)
      },
      async getByAccessToken(id) {
        return tokens.get(id)
      },
      async isRefreshTokenRevoked() {
        return false
      },
      async getByRefreshToken() {},
      async issueRefreshToken(token) {
        return token
      },
    },
  }
}
