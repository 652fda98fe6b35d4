import { createMemorySigningKeyStore } from '@latchkey/adapter-memory'
import {
  createAuthorizationServer,
  defineClient,
  formOf,
  generateSecret,
  openKeyRing,
  type SharedSecret,
  type SigningAlgorithm,
} from '@latchkey/core'
import { listen } from '../hosts.ts'
import { openStorageUnderTest } from '../storages/storage-under-test.ts'
import { basic } from '../test-server.ts'
import { freePort } from './free-port.ts'

/** A service whose tokens are verified by what others wrote. */
export interface JudgedKeys {
  readonly issuer: string
  /** The client that tokens are issued to. */
  readonly client: { readonly id: string; readonly secret: string }
  /** Issues a token. */
  token(): Promise<string>
  /** Announces another key, and lets the time pass until it signs: nothing is restarted. */
  rotate(): Promise<void>
  close(): Promise<void>
}

const AUDIENCE = 'https://api.example.com'

/** A service that signs by that algorithm, or with a secret that is shared. */
export async function startJudgedKeys(alg: SigningAlgorithm | SharedSecret): Promise<JudgedKeys> {
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const storage = await openStorageUnderTest()
  const { secret, credentialId, hash } = generateSecret()
  await storage.clients.add(
    defineClient({ id: 'machine', scopes: { read: true }, credentials: [{ kind: 'secret', id: credentialId, hash }] }),
  )
  // A little behind the judges' own clocks, so that it can be put forward.
  const clock = { behind: 30, now: () => Math.floor(Date.now() / 1000) - clock.behind }
  const ring =
    typeof alg === 'string'
      ? await openKeyRing({
          store: storage.keys ?? createMemorySigningKeyStore(),
          masterKey: 'A'.repeat(43),
          alg,
          clock,
          publishedForSeconds: 0,
          refreshSeconds: 1,
          clockSkewSeconds: 0,
        })
      : undefined
  const server = createAuthorizationServer({
    issuer,
    clock,
    clients: storage.clients,
    tokens: storage.tokens,
    signer: ring,
    jwtSecret: typeof alg === 'string' ? undefined : alg,
    accessTokenFormat: 'jwt',
    defaultAudience: AUDIENCE,
  })
  const app = await listen(server, {}, undefined, port)
  return {
    issuer,
    client: { id: 'machine', secret },
    async token() {
      const form = formOf({ grant_type: 'client_credentials' })
      return (await server.token({ authorization: basic('machine', secret), form })).access_token
    },
    async rotate() {
      await ring?.rotate()
      clock.behind -= 5
    },
    async close() {
      await app.close()
      await ring?.close()
      await server.close()
      await storage.remove()
    },
  }
}
