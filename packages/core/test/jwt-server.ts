import type { AuthorizationServerOptions, Client, OpenKeyRing } from '../src/index.ts'
import { type KeysInSight, keysInSight, openRing } from './signing-keys.ts'
import { createTestServer, type TestServer } from './test-server.ts'

/** A server whose tokens are JWTs. */
export interface JwtTestServer extends TestServer {
  readonly ring: OpenKeyRing
  readonly keys: KeysInSight
}

export async function createJwtTestServer(
  registered?: readonly Client[],
  overrides: Partial<AuthorizationServerOptions> = {},
  ringOptions: Parameters<typeof openRing>[0] = {},
): Promise<JwtTestServer> {
  const keys = keysInSight()
  const ring = await openRing({ store: keys, ...ringOptions })
  const server = createTestServer(registered, { accessTokenFormat: 'jwt', signer: ring, ...overrides })
  return { ...server, ring, keys }
}

/** What a JWT says, unverified. */
export function partsOf(token: string): {
  readonly header: Record<string, unknown>
  readonly payload: Record<string, unknown>
} {
  const [header, payload] = token
    .split('.')
    .slice(0, 2)
    .map((segment) => JSON.parse(Buffer.from(segment, 'base64url').toString()) as Record<string, unknown>)
  if (header === undefined || payload === undefined) throw new Error('this is no JWT')
  return { header, payload }
}
