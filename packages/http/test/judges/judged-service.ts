import {
  type AuthorizationServerOptions,
  type Client,
  createAuthorizationServer,
  defineClient,
  generateSecret,
  hashSecret,
} from '@latchkey/core'
import type { AppSettings } from '../../src/app.ts'
import { listen } from '../hosts.ts'
import { openStorageUnderTest } from '../storages/storage-under-test.ts'
import { freePort } from './free-port.ts'

/** A service that listens where its issuer says, for clients that others wrote. */
export interface JudgedService {
  readonly issuer: string
  /** Clients that must all be served: one has a generated secret, the other one that a person chose to be awkward. */
  readonly clients: readonly { readonly id: string; readonly secret: string }[]
  close(): Promise<void>
}

/** What clients encode differently, and some not at all (RFC 6749 §2.3.1). A colon beside these no server can make sense of for all. */
const AWKWARD = 'a-b_c.d~e/f+g%20h%i j=k&l"m'

/** Others are registered besides, where a test brings them along. It listens without TLS unless it is given what for. */
export async function startJudgedService(
  options: Partial<AuthorizationServerOptions> = {},
  others: readonly Client[] = [],
  tls?: AppSettings['tls'],
): Promise<JudgedService> {
  const port = await freePort()
  const issuer = `${tls ? 'https' : 'http'}://localhost:${port}`
  const storage = await openStorageUnderTest()
  const generated = generateSecret()
  const scopes = { read: true, write: true }
  await storage.clients.add(
    defineClient({
      id: 'generated',
      scopes,
      credentials: [{ kind: 'secret', id: generated.credentialId, hash: generated.hash }],
    }),
  )
  await storage.clients.add(
    defineClient({
      id: 'chosen/by@a.person',
      scopes,
      credentials: [{ kind: 'secret', id: 'chosen', hash: await hashSecret(AWKWARD) }],
    }),
  )
  for (const other of others) await storage.clients.add(other)
  const server = createAuthorizationServer({
    issuer,
    clients: storage.clients,
    tokens: storage.tokens,
    replays: storage.replays,
    ...options,
  })
  const app = await listen(server, { tls }, undefined, port)
  return {
    issuer,
    clients: [
      { id: 'generated', secret: generated.secret },
      { id: 'chosen/by@a.person', secret: AWKWARD },
    ],
    async close() {
      await app.close()
      await server.close()
      await storage.remove()
    },
  }
}
