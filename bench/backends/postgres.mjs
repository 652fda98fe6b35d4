import { openAdapter } from '../../packages/adapter-postgres/dist/index.js'
import { batching } from '../batching.mjs'
import { openPool, startPostgres } from '../servers/postgres.mjs'

/** As many as the adapter has. */
const CONNECTIONS = 10

/** The limit of Postgres: statements for many rows on tables like those of the adapter, and nothing around them. */
export async function openPostgres() {
  const server = await startPostgres()
  const adapter = await openAdapter(new URL(`${server.url}?schema=bench&sweep_interval=0&pool_size=${CONNECTIONS}`))
  await adapter.migrations.apply()
  const pool = openPool(server.url, { max: CONNECTIONS, idleTimeoutMillis: 0 })
  await pool.query('CREATE SCHEMA bound')
  await pool.query('CREATE TABLE bound.tokens (LIKE bench.tokens INCLUDING ALL)')

  const save = async (batch) => {
    await pool.query({
      name: 'save',
      text: `INSERT INTO bound.tokens (id, expires_at, record)
             SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::json[]) ON CONFLICT DO NOTHING`,
      values: [
        batch.map(({ id }) => Buffer.from(id, 'base64url')),
        batch.map(({ expiresAt }) => expiresAt),
        batch.map((record) => JSON.stringify(record)),
      ],
    })
    return []
  }
  const find = async (batch) => {
    const { rows } = await pool.query({
      name: 'find',
      text: 'SELECT id, record::text FROM bound.tokens WHERE id = ANY ($1)',
      values: [batch.map((id) => Buffer.from(id, 'base64url'))],
    })
    const records = new Map(rows.map(({ id, record }) => [id.toString('base64url'), record]))
    return batch.map((id) => records.get(id))
  }

  return {
    name: 'Postgres',
    version: `${server.version}, durable as it is shipped`,
    adapter,
    limits: (callers) =>
      batchSizes(callers).map((size) => {
        const connections = Math.min(CONNECTIONS, Math.ceil(callers / size))
        const saves = batching(save, { connections, most: size })
        return {
          name: `${size} in a statement, ${connections} at once`,
          save: saves,
          find: batching(find, { connections, most: size }),
          keep: saves,
        }
      }),
    async expire(count, record) {
      await pool.query(
        `INSERT INTO bench.tokens (id, expires_at, record)
         SELECT sha256(uuid_send(gen_random_uuid())), 1, $2 FROM generate_series(1, $1::int)`,
        [count, JSON.stringify(record)],
      )
      await pool.query('CHECKPOINT')
    },
    forget: () => adapter.sweeper.sweep(Math.floor(Date.now() / 1000)),
    async close() {
      await adapter.close()
      await pool.end()
      await server.stop()
    },
  }
}

/** Each for itself, a quarter of those in flight together, all of them together. */
export const batchSizes = (callers) => [...new Set([1, Math.ceil(callers / 4), callers])]
