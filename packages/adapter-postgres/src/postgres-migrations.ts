import { setTimeout as pause } from 'node:timers/promises'
import type { Migrations } from '@latchkey/core'
import type { MigrationStep } from './migration-steps.ts'
import { readMigrationSteps } from './migration-steps.ts'
import type { ConnectionSource, LentConnection, Queryable } from './queryable.ts'
import { DEFAULT_SCHEMA, quotedSchema } from './schema.ts'

/** What {@link createPostgresMigrations} may be given. */
export interface MigrationOptions {
  /** The schema that the tables go into; it is made when it is not there. `latchkey` unless given. */
  readonly schema?: string
  /** The steps instead of those that this version has. */
  readonly steps?: readonly MigrationStep[]
}

/** A step that waits for a lock makes everybody else wait behind it, so it gives up and lets them pass. */
const LOCK_TIMEOUT_MILLISECONDS = 1000
const REST_MILLISECONDS = 250
/** How long a step tries to get its locks. */
const PATIENCE_MILLISECONDS = 60_000
/** A step may rewrite a table: the timeouts of the service are not for it. */
const STEP_LIMIT_MILLISECONDS = 3_600_000

/** Any number that is the same on every node; the schema is the other half of the key. */
const ADVISORY_LOCK = 1_280_329_035

/** SQLSTATE 55P03 `lock_not_available`. */
const isLockTimeout = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === '55P03'

/**
 * Brings a schema to the form that this version needs, each step in a transaction of its own. Which steps were taken
 * stands in the table `migrations`.
 *
 * @throws TypeError when the schema is no name that Latchkey takes.
 */
export function createPostgresMigrations(source: ConnectionSource, options: MigrationOptions = {}): Migrations {
  const { schema = DEFAULT_SCHEMA } = options
  const quoted = quotedSchema(schema)
  const stepsOfVersion = async (): Promise<readonly MigrationStep[]> => options.steps ?? (await readMigrationSteps())

  /** @throws Error when the database is ahead by a breaking step. */
  const pendingOn = async (connection: Queryable): Promise<readonly MigrationStep[]> => {
    const steps = await stepsOfVersion()
    const taken = await takenOn(connection, quoted)
    const known = new Set(steps.map(({ name }) => name))
    const breaking = taken.find((step) => step.breaking && !known.has(step.name))
    if (breaking !== undefined)
      throw new Error(
        `the schema ${schema} was migrated by a later version: this one cannot work with its step ${breaking.name}; run that version or a later one`,
      )
    const done = new Set(taken.map(({ name }) => name))
    return steps.filter(({ name }) => !done.has(name))
  }

  return {
    async pending() {
      return withConnection(source, async (connection) => (await pendingOn(connection)).map(({ name }) => name))
    },
    async apply() {
      return withConnection(source, async (connection) => {
        const taken: string[] = []
        for (const step of await pendingOn(connection))
          if (await patiently(() => take(connection, schema, step))) taken.push(step.name)
        return taken
      })
    },
  }
}

async function withConnection<T>(
  source: ConnectionSource,
  use: (connection: LentConnection) => Promise<T>,
): Promise<T> {
  const connection = await source.connect()
  try {
    const result = await use(connection)
    connection.release()
    return result
  } catch (error) {
    // Whatever state it is in, nobody else shall find it so.
    connection.release(true)
    throw error
  }
}

interface TakenStep {
  readonly name: string
  readonly breaking: boolean
}

async function takenOn(connection: Queryable, quoted: string): Promise<readonly TakenStep[]> {
  const { rows } = await connection.query({ text: 'SELECT to_regclass($1) AS there', values: [`${quoted}.migrations`] })
  if ((rows[0] as { readonly there: string | null }).there === null) return []
  const taken = await connection.query({ text: `SELECT name, breaking FROM ${quoted}.migrations ORDER BY name` })
  return taken.rows as readonly TakenStep[]
}

/** Tries again while somebody holds the locks that it needs. */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MILLISECONDS
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (!isLockTimeout(error) || performance.now() > giveUpAt) throw error
      await pause(REST_MILLISECONDS)
    }
  }
}

/** @returns false when another node has taken the step meanwhile. */
async function take(connection: Queryable, schema: string, step: MigrationStep): Promise<boolean> {
  const run = (text: string, values: unknown[] = []) =>
    connection.query({ text, ...(values.length > 0 && { values }), query_timeout: STEP_LIMIT_MILLISECONDS })
  await run('BEGIN')
  try {
    await run(
      `SELECT set_config('lock_timeout', '${LOCK_TIMEOUT_MILLISECONDS}', true), set_config('statement_timeout', '0', true),
              set_config('search_path', '${quotedSchema(schema)}', true)`,
    )
    await run('SELECT pg_advisory_xact_lock($1, hashtext($2))', [ADVISORY_LOCK, schema])
    await prepareSchema(run, schema)
    // First, so that whoever comes too late does nothing else.
    const { rows } = await run(
      'INSERT INTO migrations (name, breaking) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING name',
      [step.name, step.breaking],
    )
    if (rows.length > 0) await run(step.sql)
    await run('COMMIT')
    return rows.length > 0
  } catch (error) {
    await run('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/** Asks before it makes the schema: `IF NOT EXISTS` would take the right to make one, even where there is one. */
async function prepareSchema(
  run: (text: string, values?: unknown[]) => Promise<{ rows: readonly unknown[] }>,
  schema: string,
) {
  const { rows } = await run('SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1', [schema])
  if (rows.length === 0) await run(`CREATE SCHEMA ${quotedSchema(schema)}`)
  const { rows: tables } = await run('SELECT to_regclass($1) AS there', [`${quotedSchema(schema)}.migrations`])
  if ((tables[0] as { readonly there: string | null }).there !== null) return
  await run(`CREATE TABLE migrations (
    name text COLLATE "C" PRIMARY KEY,
    breaking boolean NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT now()
  )`)
}
