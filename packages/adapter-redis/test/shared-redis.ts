import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'

/** Where the Redis of the tests listens that others use too: only keys under a prefix of our own may be touched. */
const SHARED_REDIS_URL = process.env['TEST_REDIS_URL'] ?? ''

/** A prefix that nobody has used yet. */
export const freshPrefix = (about: string): string => `latchkey-test:${about}:${randomBytes(6).toString('hex')}`

/** The address of the shared Redis, with parameters. */
export function sharedRedisUrl(parameters: Readonly<Record<string, string>>): URL {
  const url = new URL(SHARED_REDIS_URL)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url
}

/** A connection for a test to look behind the adapter's back. */
export const sharedRedis = (): Redis => new Redis(SHARED_REDIS_URL)

/** Every key that begins with a prefix. */
export async function keysUnder(client: Redis, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const found of client.scanStream({ match: `${prefix}:*`, count: 1000 })) keys.push(...(found as string[]))
  return keys
}

/** Leaves nothing behind. */
export async function forget(client: Redis, prefix: string): Promise<void> {
  for (const key of await keysUnder(client, prefix)) await client.del(key)
}
