import type { OpenAdapter } from '@latchkey/core'
import { systemClock } from '@latchkey/core'
import { Client, Pool } from 'pg'
import { type Address, readAddress } from './address.ts'
import { endedTogether } from './ended-together.ts'
import { createPostgresClientChanges } from './postgres-client-changes.ts'
import { createPostgresClientRegistry } from './postgres-client-registry.ts'
import { createPostgresCredentialUses } from './postgres-credential-uses.ts'
import { createPostgresMigrations } from './postgres-migrations.ts'
import { createPostgresReplayGuard } from './postgres-replay-guard.ts'
import { createPostgresResourceRegistry } from './postgres-resource-registry.ts'
import { createPostgresSigningKeyStore } from './postgres-signing-key-store.ts'
import { createPostgresStatusIndexes } from './postgres-status-indexes.ts'
import { createPostgresSweeper } from './postgres-sweeper.ts'
import { createPostgresTokenStore } from './postgres-token-store.ts'
import { createSelfSweep } from './self-sweep.ts'
import { lookAtServer, type ServerFacts, warningsAbout } from './server-facts.ts'
import { within } from './within.ts'

/** A check is told within a second; what is found wrong is told a moment before. */
const CHECK_MILLISECONDS = 900

/**
 * Opens a Postgres database by its address, `postgres://role:password@host:5432/database?schema=latchkey`. It opens even
 * while the database is away: what is asked of it fails until it is there. It sweeps itself until it is closed.
 *
 * @throws Error that names the parameter, when one is unknown, given twice or wrong. It holds no password.
 */
export const openAdapter: OpenAdapter = async (url) => {
  const address = readAddress(url)
  const pool = openPool(address)
  const facts = await lookAtServer(new Client(address.pool))
  const { schema, prepare, sweepInterval, synchronousCommit } = address
  const onSchema = { schema, prepare }
  const onTokenPath = { ...onSchema, ...(synchronousCommit && { synchronousCommit }) }
  const sweeper = createPostgresSweeper(pool, onSchema)
  const selfSweep = createSelfSweep({ sweeper, clock: systemClock, intervalSeconds: sweepInterval })
  const changes = changesThrough(address, facts)
  let closing: Promise<void> | undefined

  return {
    clients: createPostgresClientRegistry(pool, onSchema),
    ...(changes && { clientChanges: changes }),
    resources: createPostgresResourceRegistry(pool, onSchema),
    credentialUses: createPostgresCredentialUses(pool, onSchema),
    keys: createPostgresSigningKeyStore(pool, onSchema),
    tokens: createPostgresTokenStore(pool, onTokenPath),
    replays: createPostgresReplayGuard(pool, onTokenPath),
    statusIndexes: createPostgresStatusIndexes(pool, onSchema),
    sweeper,
    migrations: createPostgresMigrations(pool, { schema }),
    warnings: warningsAbout(address, facts),
    check: () => check(pool),
    close() {
      closing ??= Promise.all([selfSweep.end(), changes?.end()]).then(() => pool.end())
      return closing
    },
  }
}

function openPool(address: Address): Pool {
  try {
    // A pool reads its address when somebody asks for a connection, which is too late to say that it is wrong.
    void new Client(address.pool)
  } catch (error) {
    throw new Error(`postgres: the address cannot be used: ${error instanceof Error ? error.message : 'it is wrong'}`)
  }
  const pool = new Pool(address.pool)
  // A connection that breaks while nobody uses it: whoever asks next gets another one, or the error.
  pool.on('error', () => undefined)
  return pool
}

/** Through a pooler no notice arrives: then there is no port, and the cache lives by its bound. */
function changesThrough({ listen, pool, schema }: Address, facts: ServerFacts | undefined) {
  if (listen === undefined && facts?.pooled === true) return undefined
  // Its silence is not the end of it: it is asked now and then, and has its own patience.
  const { statement_timeout: _, query_timeout: __, ...direct } = pool
  return endedTogether(createPostgresClientChanges(() => new Client(listen ?? direct), { schema }))
}

/** @throws what is wrong, within a second: no connection, no answer, or a database that takes no writes. */
async function check(pool: Pool): Promise<void> {
  const asked = pool.query<{ read_only: string }>(`SELECT current_setting('transaction_read_only') AS read_only`)
  const { rows } = await within(CHECK_MILLISECONDS, asked)
  if (rows[0]?.read_only !== 'off') throw new Error('the database takes no writes: it is read-only, or a standby')
}
