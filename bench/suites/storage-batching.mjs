import { createHash, randomBytes } from 'node:crypto'
import pg from 'pg'
import { batching } from '../batching.mjs'
import { openPool, startPostgres } from '../servers/postgres.mjs'
import { interleaveWindows, middle, ratios, spread } from '../windows.mjs'

const ROWS = 1_000_000
/** No more than so many calls become one statement. */
const MOST = 256

const SCHEMA = `
  CREATE TABLE token (digest bytea PRIMARY KEY, client_id text COLLATE "C" NOT NULL, record text NOT NULL, expires_at bigint NOT NULL);
  INSERT INTO token SELECT sha256(int8send(i)), 'bench', repeat('r', 200), 4102444800 FROM generate_series(1, ${ROWS}) i;
  CREATE INDEX ON token (expires_at);
  VACUUM ANALYZE token;
`

const RECORD = 'r'.repeat(200)
const EXPIRES_AT = 4_102_444_800

const one = {
  save: {
    name: 'save-one',
    text: 'INSERT INTO token VALUES ($1, $2, $3, $4) ON CONFLICT (digest) DO NOTHING',
  },
  find: { name: 'find-one', text: 'SELECT record, expires_at FROM token WHERE digest = $1' },
}

const many = {
  save: {
    name: 'save-many',
    text: 'INSERT INTO token SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[], $4::bigint[]) ON CONFLICT (digest) DO NOTHING',
  },
  find: { name: 'find-many', text: 'SELECT digest, record, expires_at FROM token WHERE digest = ANY($1)' },
}

const found = (rows) => {
  if (rows.length !== 1) throw new Error('a token was not found')
  return rows[0]
}

async function saveMany(pool, batch) {
  await pool.query({
    ...many.save,
    values: [batch, batch.map(() => 'bench'), batch.map(() => RECORD), batch.map(() => EXPIRES_AT)],
  })
  return []
}

async function findMany(pool, batch) {
  const { rows } = await pool.query({ ...many.find, values: [batch] })
  const byDigest = new Map(rows.map((row) => [row.digest.toString('latin1'), row]))
  return batch.map((digest) => found([byDigest.get(digest.toString('latin1'))].filter(Boolean)))
}

/** The ways to ask, each with connections of its own. */
function ways(url) {
  const pool = (max) => openPool(url, { max, idleTimeoutMillis: 0 })
  const singly = (name, connections) => {
    const own = pool(connections)
    return {
      name,
      pool: own,
      save: (digest) => own.query({ ...one.save, values: [digest, 'bench', RECORD, EXPIRES_AT] }),
      find: async (digest) => found((await own.query({ ...one.find, values: [digest] })).rows),
    }
  }
  const pipelined = (name, connections) => {
    const clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: url, pipeline: true }))
    let turn = 0
    const next = () => clients[turn++ % clients.length]
    return {
      name,
      open: () => Promise.all(clients.map((client) => client.connect())),
      pool: { end: () => Promise.all(clients.map((client) => client.end())) },
      save: (digest) => next().query({ ...one.save, values: [digest, 'bench', RECORD, EXPIRES_AT] }),
      find: async (digest) => found((await next().query({ ...one.find, values: [digest] })).rows),
    }
  }
  const batched = (name, connections, { aloneAsOne = false } = {}) => {
    const own = pool(connections)
    const alone = {
      save: async ([digest]) => [await own.query({ ...one.save, values: [digest, 'bench', RECORD, EXPIRES_AT] })],
      find: async ([digest]) => [found((await own.query({ ...one.find, values: [digest] })).rows)],
    }
    const run = (method, together) => (batch) =>
      aloneAsOne && batch.length === 1 ? alone[method](batch) : together(own, batch)
    return {
      name,
      pool: own,
      save: batching(run('save', saveMany), { connections, most: MOST }),
      find: batching(run('find', findMany), { connections, most: MOST }),
    }
  }
  return [
    singly('a pool of ten, a statement for each', 10),
    pipelined('one connection, `pipeline: true`', 1),
    pipelined('ten connections, `pipeline: true`', 10),
    batched('one connection, `unnest` and `= ANY`', 1),
    batched('two connections, `unnest` and `= ANY`', 2),
    batched('four connections, `unnest` and `= ANY`', 4),
    batched('two connections, the same, and a statement of its own for a caller who is alone', 2, { aloneAsOne: true }),
  ]
}

const OPERATIONS = {
  save: () => randomBytes(32),
  find: () => {
    const number = Buffer.alloc(8)
    number.writeBigInt64BE(BigInt(1 + Math.floor(Math.random() * ROWS)))
    return createHash('sha256').update(number).digest()
  },
}

/**
 * Saving a token durably and finding one of a million, with 1, 16 and 64 callers in flight: a statement for each caller,
 * pipelined statements, and callers that wait together in one statement.
 */
export async function run({ rounds, seconds }) {
  const postgres = await startPostgres()
  const opened = ways(postgres.url)
  try {
    const admin = new pg.Client({ connectionString: postgres.url })
    await admin.connect()
    for (const statement of SCHEMA.split(';\n').filter((text) => text.trim() !== '')) await admin.query(statement)
    await admin.end()
    for (const { open } of opened) await open?.()
    const parts = [`${postgres.version}, durable as it is shipped; ${rounds} rounds of ${seconds} s.`]
    const cpuSeconds = () => postgres.cpuSeconds() + process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6
    for (const [method, value] of Object.entries(OPERATIONS))
      for (const callers of [1, 16, 64]) {
        const targets = opened.map((way) => ({ name: way.name, operation: () => way[method](value()), cpuSeconds }))
        const results = await interleaveWindows(targets, { rounds, seconds, callers })
        const part = `### ${method}, ${callers} in flight\n\n${table(results, opened[0].name)}`
        process.stderr.write(`${part}\n\n`)
        parts.push(part)
      }
    return parts.join('\n\n')
  } finally {
    for (const { pool } of opened) await pool.end()
    await postgres.stop()
  }
}

const table = (results, reference) =>
  [
    '| | calls, ratio to the pool of ten | CPU per call (program and Postgres), ratio | calls/s | p50 ms | p99 ms |',
    '|---|---|---|---|---|---|',
    ...[...results.keys()].map((name) => {
      const figure = (key) => middle(results, name, key)
      return `| ${name} | ${spread(ratios(results, name, reference))} | ${spread(ratios(results, name, reference, 'cpuMicroseconds'))} | ${Math.round(figure('perSecond'))} | ${figure('p50').toFixed(2)} | ${figure('p99').toFixed(2)} |`
    }),
  ].join('\n')
