/** Stores so many live tokens in one of the stores in memory, and tells how many bytes each takes. Needs `--expose-gc`. */
import { createHash, randomBytes } from 'node:crypto'
import { createMemoryAdapter } from '../../packages/adapter-memory/dist/index.js'
import { serverOn } from '../core-server.mjs'
import { createStores } from '../servers/jmondi-stores.mjs'

const [name, amount] = process.argv.slice(2)
const NOW = Math.floor(Date.now() / 1000)

/** Each returns what stores one token. What was opened is kept, so that nothing of it is collected. */
const STORES = {
  latchkey() {
    const adapter = createMemoryAdapter()
    return [adapter, serverOn(adapter.tokens).issue]
  },

  'a bare Map'() {
    const map = new Map()
    return [
      map,
      async () => {
        const digest = createHash('sha256').update(randomBytes(32)).digest('base64url')
        map.set(digest, { clientId: 'bench', scope: 'orders:read orders:write', issuedAt: NOW, expiresAt: NOW + 3600 })
      },
    ]
  },

  async '@jmondi/oauth2-server'() {
    const scope = 'orders:read orders:write'
    const stores = createStores({ clientId: 'bench', clientSecret: 'secret', scope })
    const client = await stores.clients.getByIdentifier('bench')
    return [
      stores,
      async () => {
        const scopes = await stores.scopes.getAllByIdentifiers(scope.split(' '))
        await stores.tokens.persist(await stores.tokens.issueToken(client, scopes, undefined))
      },
    ]
  },

  /** Its own adapter, with room for more than the thousand records that it holds else. */
  async 'oidc-provider'() {
    const { Provider } = await import('oidc-provider')
    const { default: MemoryAdapter } = await import('oidc-provider/lib/adapters/memory_adapter.js')
    const { default: Lru } = await import('oidc-provider/lib/helpers/lru.js')
    const room = new Lru({ maxSize: 2 ** 30 })
    const provider = new Provider('http://localhost:4000', {
      adapter: (model) => new MemoryAdapter(model, room),
      clients: [
        {
          client_id: 'bench',
          client_secret: 'secret',
          grant_types: ['client_credentials'],
          redirect_uris: [],
          response_types: [],
        },
      ],
      ttl: { ClientCredentials: 3600 },
      scopes: ['orders:read', 'orders:write'],
      features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    })
    const client = await provider.Client.find('bench')
    return [provider, () => new provider.ClientCredentials({ client, scope: 'orders:read orders:write' }).save()]
  },
}

const [kept, storeOne] = await STORES[name]()

async function used() {
  // Twice, since what the first one finds dead may hold on to more.
  for (let turn = 0; turn < 3; turn += 1) {
    globalThis.gc()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  // What is outside of the heap includes the buffers.
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const store = async (count) => {
  for (let stored = 0; stored < count; stored += 1) await storeOne()
}
await store(2000)
const before = await used()
await store(Number(amount))
const after = await used()
console.log(
  JSON.stringify({
    bytes: (after - before) / Number(amount),
    kept: kept !== undefined,
  }),
)
process.exit(0)
