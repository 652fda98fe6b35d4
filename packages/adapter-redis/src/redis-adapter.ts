import type { Adapter } from '@latchkey/core'
import { runOn } from './commands.ts'
import { checkFitness } from './fitness.ts'
import { createKeys } from './keys.ts'
import type { RedisClient } from './redis-client.ts'
import { createEndableClientChanges } from './redis-client-changes.ts'
import { createRedisClientRegistry } from './redis-client-registry.ts'
import { createRedisCredentialUses } from './redis-credential-uses.ts'
import { createRedisReplayGuard } from './redis-replay-guard.ts'
import { createRedisResourceRegistry } from './redis-resource-registry.ts'
import { createRedisSigningKeyStore } from './redis-signing-key-store.ts'
import { createRedisStatusIndexes } from './redis-status-indexes.ts'
import { createRedisTokenStore } from './redis-token-store.ts'
import { checkRights } from './rights.ts'
import { factsOf } from './server-facts.ts'

/** What {@link createRedisAdapter} takes. */
export interface RedisAdapterOptions {
  /** Connected, and closed with the adapter. */
  readonly client: RedisClient
  readonly prefix?: string
  readonly waitReplicas?: number
  /** Lets Redis evict what has not expired: tokens, revocations and replay claims. */
  readonly dangerouslyAllowEviction?: boolean
}

/** The ports that Redis has: it sweeps by itself, and needs no schema. */
export type RedisAdapter = Required<
  Pick<
    Adapter,
    | 'clients'
    | 'clientChanges'
    | 'resources'
    | 'credentialUses'
    | 'keys'
    | 'tokens'
    | 'replays'
    | 'statusIndexes'
    | 'warnings'
    | 'check'
    | 'close'
  >
>

/** How long a check may take, in milliseconds. */
const CHECK_MILLISECONDS = 900

/**
 * Every port that Redis has, on one client.
 *
 * @throws Error when Redis is too old or may evict what it holds, or when the user of the connection lacks a right.
 */
export async function createRedisAdapter(options: RedisAdapterOptions): Promise<RedisAdapter> {
  const { client, prefix, waitReplicas = 0, dangerouslyAllowEviction = false } = options
  const keys = createKeys(prefix)
  const run = runOn(client)
  const ports = { client, waitReplicas, ...(prefix !== undefined && { prefix }) }
  await checkRights(run, keys, waitReplicas)
  const warnings = checkFitness(await factsOf(client), dangerouslyAllowEviction)
  const changes = createEndableClientChanges(ports)
  let closing: Promise<void> | undefined

  return {
    clients: createRedisClientRegistry(ports),
    clientChanges: changes,
    resources: createRedisResourceRegistry(ports),
    credentialUses: createRedisCredentialUses(ports),
    keys: createRedisSigningKeyStore(ports),
    tokens: createRedisTokenStore(ports),
    replays: createRedisReplayGuard(ports),
    statusIndexes: createRedisStatusIndexes({ ...ports, client }),
    warnings,
    // A write: only that shows a server which is full, or a replica that took the place of its primary.
    check: () => within(CHECK_MILLISECONDS, run('SET', keys.probe, '', 'EX', 60)),
    close: () => (closing ??= changes.end().then(() => closed(client))),
  }
}

async function within(milliseconds: number, answer: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Redis does not answer')), milliseconds)
  })
  try {
    await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Whatever waits for an answer is given up: who closes has stopped asking. */
async function closed(client: RedisClient): Promise<void> {
  // Between two connections there is nothing whose end ioredis would tell.
  const hasConnection = client.status !== 'end' && client.status !== 'reconnecting'
  const ended = hasConnection && new Promise<void>((resolve) => client.once('end', () => resolve()))
  client.disconnect()
  await ended
}
