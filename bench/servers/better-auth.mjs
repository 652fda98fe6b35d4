/**
 * better-auth's OAuth provider on its own memory adapter and node:http, by its own handler for it. Its tokens are opaque and
 * stored as a hash, as they come by default, and so is the client's secret. Its rate limits are off, since they would answer
 * 429 after twenty requests of a minute; telemetry and its log below errors are off.
 */
import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { oauthProvider } from '@better-auth/oauth-provider'
import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { toNodeHandler } from 'better-auth/node'
import { jwt } from 'better-auth/plugins'

const { CLIENT_ID, CLIENT_SECRET, PORT, SCOPE } = process.env
const now = new Date()
const scopes = SCOPE.split(' ')
const database = {
  oauthClient: [
    {
      id: 'bench',
      clientId: CLIENT_ID,
      clientSecret: createHash('sha256').update(CLIENT_SECRET).digest('base64url'),
      name: CLIENT_ID,
      redirectUris: [],
      tokenEndpointAuthMethod: 'client_secret_basic',
      grantTypes: ['client_credentials'],
      responseTypes: [],
      scopes,
      clientCredentialsScopes: scopes,
      disabled: false,
      createdAt: now,
      updatedAt: now,
    },
  ],
}
for (const table of [
  'user',
  'session',
  'account',
  'verification',
  'jwks',
  'oauthAccessToken',
  'oauthRefreshToken',
  'oauthConsent',
  'oauthResource',
  'oauthClientResource',
])
  database[table] = []

const auth = betterAuth({
  baseURL: `http://localhost:${PORT}`,
  basePath: '/',
  secret: randomBytes(32).toString('base64url'),
  database: memoryAdapter(database),
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: 'error' },
  plugins: [
    jwt(),
    oauthProvider({ loginPage: '/login', consentPage: '/consent', scopes, cachedTrustedClients: new Set([CLIENT_ID]) }),
  ],
})

const server = createServer(toNodeHandler(auth))
server.listen(Number(PORT), '127.0.0.1')
process.on('SIGTERM', () => server.close(() => process.exit(0)).closeAllConnections())
