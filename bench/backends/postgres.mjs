import { openAdapter } from '../../packages/adapter-postgres/dist/index.js'
import { batching } from '../batching.mjs'
import { versionOf } from '../places.mjs'
import { openPool } from '../servers/postgres.mjs'
import { batchSizes } from './batch-sizes.mjs'

/** As many as the adapter has. */
const CONNECTIONS = 10

/** Without the parameters that are the adapter's. */
function plain(url) {
  const own = new URL(url)
  const schema = own.searchParams.get('schema')
  own.search = ''
  return { address: own.href, schema }
}

/** The limit of Postgres: statements for many rows on a table like that of the adapter, in its schema, and nothing around them. */
export async function postgresLimit(url) {
  const { address, schema } = plain(url)
  const pool = openPool(address, { max: CONNECTIONS, idleTimeoutMillis: 0 })
  await pool.query(`CREATE TABLE IF NOT EXISTS "${schema}".bound (LIKE "${schema}".tokens INCLUDING ALL)`)
  const saving = `INSERT INTO "${schema}".bound (id, expires_at, record)
                  SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::json[]) ON CONFLICT DO NOTHING`
  const finding = `SELECT id, record::text FROM "${schema}".bound WHERE id = ANY ($1)`

  const save = async (batch) => {
    await pool.query({
      name: 'save',
      text: saving,
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
      text: finding,
      values: [batch.map((id) => Buffer.from(id, 'base64url'))],
    })
    const records = new Map(rows.map(({ id, record }) => [id.toString('base64url'), record]))
    return batch.map((id) => records.get(id))
  }
  return {
    pool,
    ways: (callers) =>
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
    close: () => pool.end(),
  }
}

/** Latchkey's adapter and the limit, in a schema of their own. */
export async function openPostgres(url) {
  const { schema } = plain(url)
  const address = new URL(url)
  address.searchParams.set('sweep_interval', '0')
  address.searchParams.set('pool_size', String(CONNECTIONS))
  const adapter = await openAdapter(address)
  await adapter.migrations.apply()
  const limit = await postgresLimit(url)
  const insert = (count, template, expiresAt) => {
    const { id: _, ...record } = template
    return limit.pool.query(
      `INSERT INTO "${schema}".tokens (id, expires_at, record)
       SELECT sha256(uuid_send(gen_random_uuid())), $3, $2 FROM generate_series(1, $1::int)`,
      [count, JSON.stringify({ ...record, expiresAt }), expiresAt],
    )
  }
  return {
    name: 'Postgres',
    version: await versionOf.postgres(plain(url).address),
    adapter,
    limits: limit.ways,
    async fill(count, record) {
      for (let left = count; left > 0; left -= 100_000) await insert(Math.min(left, 100_000), record, record.expiresAt)
      await limit.pool.query(`VACUUM ANALYZE "${schema}".tokens`)
    },
    expire: (count, record) => insert(count, record, 1),
    forget: () => adapter.sweeper.sweep(Math.floor(Date.now() / 1000)),
    async close() {
      await adapter.close()
      await limit.close()
    },
  }
}
