/**
 * oidc-provider: its opaque tokens as they come by default, or JWTs by the algorithm in `ALG`. Its records lie in a plain `Map`,
 * since its own development adapter forgets all but a thousand; clients are static, which is its fastest way to find one.
 * What it serves for people who log in is off, and nothing is logged, as it is shipped.
 */
import { exportJWK, generateKeyPair } from 'jose'
import { Provider } from 'oidc-provider'

const { ALG, CLIENT_ID, CLIENT_SECRET, PORT, SCOPE } = process.env
const issuer = `http://localhost:${PORT}`

const records = new Map()

class MapAdapter {
  constructor(model) {
    this.model = model
  }
  async upsert(id, payload) {
    records.set(`${this.model}:${id}`, payload)
  }
  async find(id) {
    return records.get(`${this.model}:${id}`)
  }
  async findByUid() {}
  async findByUserCode() {}
  async destroy(id) {
    records.delete(`${this.model}:${id}`)
  }
  async revokeByGrantId() {}
  async consume() {}
}

async function signingKey(alg) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: 'bench' }
}

/** Its JWTs are for a resource, which is the default one here, so that the request is the same as for an opaque token. */
const resourceIndicators = {
  enabled: true,
  defaultResource: () => issuer,
  useGrantedResource: () => true,
  getResourceServerInfo: () => ({
    scope: SCOPE,
    audience: issuer,
    accessTokenTTL: 3600,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: ALG } },
  }),
}

const provider = new Provider(issuer, {
  adapter: MapAdapter,
  clients: [
    {
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_basic',
      scope: SCOPE,
      ...(ALG && { id_token_signed_response_alg: ALG }),
    },
  ],
  scopes: SCOPE.split(' '),
  ttl: { ClientCredentials: 3600 },
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    devInteractions: { enabled: false },
    ...(ALG && { resourceIndicators }),
  },
  ...(ALG && { jwks: { keys: [await signingKey(ALG)] } }),
  routes: { token: '/oauth2/token', introspection: '/oauth2/introspect', revocation: '/oauth2/revoke' },
})

const server = provider.listen(Number(PORT), '127.0.0.1')
process.on('SIGTERM', () => server.close(() => process.exit(0)).closeAllConnections())
