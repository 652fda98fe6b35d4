import { contractsOf } from '@latchkey/adapter-contract'
import { openAdapter } from '@latchkey/adapter-redis'
import type { Adapter } from '@latchkey/core'
import { createAuthorizationServer, defineClient, formOf, generateSecret, hashSecret } from '@latchkey/core'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { forget, freshPrefix, keysUnder, sharedRedis, sharedRedisUrl } from './shared-redis.ts'

const prefix = freshPrefix('secrets')

let redis: Redis
let adapter: Required<Adapter>
/** What must not be found: each long enough to be nothing else by accident. */
const secrets = { tokens: new Set<string>(), clientSecrets: new Set<string>(), claims: new Set<string>() }

beforeAll(async () => {
  redis = sharedRedis()
  adapter = (await openAdapter(sharedRedisUrl({ prefix }))) as Required<Adapter>
  await runContract()
  await runServer()
})
afterAll(async () => {
  await adapter.close()
  await forget(redis, prefix)
  await redis.quit()
})

/** Every case there is, and every key that one claims. */
async function runContract(): Promise<void> {
  const { replays } = adapter
  const recording: Adapter = {
    ...adapter,
    replays: {
      claim(key, expiresAt) {
        // Those that no token happens to hold too: a part of them is drawn at random.
        if (/-[a-z0-9]{16}/.test(key)) secrets.claims.add(key)
        return replays.claim(key, expiresAt)
      },
    },
  }
  for (const { cases } of contractsOf(recording)) for (const { check } of cases) await check(recording)
}

/** What an authorization server hands out and is shown. */
async function runServer(): Promise<void> {
  const generated = generateSecret()
  const chosen = 'a secret that a person chose'
  const client = defineClient({
    id: 'machine',
    credentials: [
      { kind: 'secret', id: generated.credentialId, hash: generated.hash },
      { kind: 'secret', id: 'chosen', hash: await hashSecret(chosen) },
    ],
  })
  await adapter.clients.add(client)
  const server = createAuthorizationServer({
    issuer: 'https://issuer.example',
    clients: adapter.clients,
    tokens: adapter.tokens,
    credentialUses: adapter.credentialUses,
  })
  for (const secret of [generated.secret, chosen]) {
    secrets.clientSecrets.add(secret)
    const authorization = `Basic ${btoa(`${client.id}:${encodeURIComponent(secret)}`)}`
    for (let issued = 0; issued < 5; issued++) {
      const form = formOf({ grant_type: 'client_credentials' })
      const { access_token: token } = await server.token({ authorization, form })
      secrets.tokens.add(token)
      if (issued === 0) await server.revoke({ authorization, form: formOf({ token }) })
    }
  }
  await server.close()
}

/** Everything that is kept, keys and all, as text. */
async function dump(): Promise<string> {
  const parts: string[] = []
  for (const key of await keysUnder(redis, prefix)) parts.push(key, ...(await contentOf(key)))
  return parts.join('\n')
}

async function contentOf(key: string): Promise<string[]> {
  const type = await redis.type(key)
  if (type === 'string') return [(await redis.get(key)) ?? '']
  if (type === 'hash') return Object.entries(await redis.hgetall(key)).flat()
  if (type === 'zset') return redis.zrange(key, '0', '-1')
  // It has expired since it was listed.
  if (type === 'none') return []
  throw new Error(`nothing should be kept in a ${type}`)
}

describe('what Redis keeps', () => {
  it('is found by this test, if it is there', async () => {
    const kept = await dump()
    expect(kept).toContain('"machine"')
    expect(kept).toContain('$scrypt$')
    expect(kept).toContain(':claim:{')
    expect(secrets.claims.size).toBeGreaterThan(100)
    expect(secrets.tokens.size).toBe(10)
  })

  it.each(['tokens', 'clientSecrets', 'claims'] as const)('holds none of the %s that were shown', async (kind) => {
    const kept = await dump()
    const found = [...secrets[kind]]
      .flatMap((secret) => [secret, Buffer.from(secret).toString('base64url')])
      .filter((text) => kept.includes(text))
    expect(found).toEqual([])
  })

  it('has no key in which anything but a digest, a nonce or a name of ours stands', async () => {
    const digest = '[A-Za-z0-9_-]{43}'
    const patterns = [
      `(?:token|claim):\\{${digest}\\}`,
      `\\{clients\\}:(?:client|removal|uses):${digest}`,
      '\\{clients\\}:(?:ids|probe)',
      '\\{keys\\}:signing',
      '\\{resources\\}:all',
      `\\{resources\\}:removal:${digest}`,
      '\\{status\\}:open',
      `\\{status\\}:list:${digest}`,
    ]
    const expected = new RegExp(`^${prefix}:(?:${patterns.join('|')})$`)
    const keys = await keysUnder(redis, prefix)
    expect(keys.length).toBeGreaterThan(100)
    expect(keys.filter((key) => !expected.test(key))).toEqual([])
  })
})
