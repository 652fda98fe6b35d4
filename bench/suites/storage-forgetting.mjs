import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from '../rounds.mjs'
import { openPool, startPostgres } from '../servers/postgres.mjs'
import { interleaveWindows, load, middle, ratios, spread } from '../windows.mjs'

/** The present second of the measurement, and how long its tokens live. */
const NOW = 2_000_000_000
const LIFETIME = 3600
/** What a partition covers; live tokens fill `LIFETIME / WIDTH` of them. */
const WIDTH = 300

const RECORD = 'r'.repeat(200)
/** Sixty-four callers in flight: four connections, sixteen tokens in each statement. */
const CONNECTIONS = 4
const BATCH = 16
/** How many one step of the sweep forgets at most. */
const STEP = 1000

const ROW =
  'digest bytea NOT NULL, client_id text COLLATE "C" NOT NULL, record text NOT NULL, expires_at bigint NOT NULL'
/** Pages as full as random keys leave them in the long run. */
const AS_GROWN = 'WITH (fillfactor = 70)'

/** Forgets one step of a plain table. What others have locked waits for a later step. */
const forgetStep = `
  DELETE FROM plain WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM plain WHERE expires_at < ${NOW} ORDER BY expires_at LIMIT ${STEP} FOR UPDATE SKIP LOCKED))`

const insertInto = (table) => ({
  name: `issue-${table}`,
  text: `INSERT INTO ${table} SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[], $4::bigint[]) ON CONFLICT DO NOTHING`,
})

/** Rows `from` to `to`, the first of which expires first, as tokens of one lifetime lie in the order of their issue. */
const rows = (from, to, expiresFrom, expiresTo) =>
  `SELECT sha256(int8send(i)), 'bench', '${RECORD}', ${expiresFrom} + (i - ${from}) * ${expiresTo - expiresFrom} / ${to - from + 1}
   FROM generate_series(${from}::bigint, ${to}) i`

const digestOf = (number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(number))
  return createHash('sha256').update(bytes).digest()
}

/**
 * What it costs to forget expired tokens beside so many live ones: bounded deletes of a plain table, at four paces,
 * beside partitions by expiry that are dropped; and what partitions cost those who look tokens up.
 */
export async function run({ rounds, seconds, tokens }) {
  const postgres = await startPostgres()
  const pool = openPool(postgres.url, { max: CONNECTIONS + 2 })
  try {
    const parts = [
      `${postgres.version}, durable as it is shipped; ${tokens} live tokens, ${rounds} rounds, quiet windows of ${seconds} s.`,
      await forgetting(pool, { rounds, seconds, tokens }),
    ]
    await pool.query('DROP TABLE plain, parted')
    parts.push(await lookingUp(pool, { rounds, seconds: 2, tokens: tokens / 10 }))
    return parts.join('\n\n')
  } finally {
    await pool.end()
    await postgres.stop()
  }
}

const PACES = {
  'as fast as it can': 0,
  'resting as long as each step took': 1,
  'resting four times as long': 4,
  'resting nine times as long': 9,
}

async function forgetting(pool, { rounds, seconds, tokens }) {
  const slice = Math.ceil(tokens / 10 / rounds)
  const expired = slice * rounds
  await fillPlain(pool, { tokens, expired: expired * Object.keys(PACES).length })
  await fillParted(pool, { tokens, expired, slices: rounds })
  const sizes = await sizesOf(pool, ['plain', 'parted'])
  await pool.query('CHECKPOINT')

  let dropped = 0
  const quiet = (table) => ({ name: `${table}: nothing is forgotten`, table, forget: () => sleep(seconds * 1000) })
  const targets = [
    quiet('plain'),
    ...Object.entries(PACES).map(([pace, rest]) => ({
      name: `plain: bounded deletes, ${pace}`,
      table: 'plain',
      forget: () => deleteSlice(pool, slice, rest),
    })),
    quiet('parted'),
    {
      name: 'parted: a partition is dropped',
      table: 'parted',
      async forget() {
        await sleep(seconds * 500)
        await dropPartition(pool, `expired_${dropped++}`)
        await sleep(seconds * 500)
        return slice
      },
    },
  ]
  const results = new Map(targets.map(({ name }) => [name, []]))
  for (const table of ['plain', 'parted']) await load(() => issue(pool, table), { callers: CONNECTIONS, seconds })
  for (let round = 0; round < rounds; round += 1)
    for (let turn = 0; turn < targets.length; turn += 1) {
      const { name, table, forget } = targets[(round + turn) % targets.length]
      results.get(name).push(await issueWhile(pool, table, forget))
      process.stderr.write(`  round ${round + 1} of ${rounds}: ${name}\n`)
    }
  const vacuum = await vacuuming(pool, seconds)
  const text = [sizes, tableOf(results), vacuum].join('\n\n')
  process.stderr.write(`${text}\n`)
  return text
}

const issue = (pool, table) =>
  pool.query({
    ...insertInto(table),
    values: [
      Array.from({ length: BATCH }, () => randomBytes(32)),
      Array(BATCH).fill('bench'),
      Array(BATCH).fill(RECORD),
      Array(BATCH).fill(NOW + LIFETIME + 10),
    ],
  })

/** Issues tokens for as long as `forget` takes. */
async function issueWhile(pool, table, forget) {
  const walBefore = await walPosition(pool)
  const started = performance.now()
  const times = []
  let done = false
  const caller = async () => {
    while (!done) {
      const before = performance.now()
      await issue(pool, table)
      times.push(performance.now() - before)
    }
  }
  const forgotten = (
    await Promise.all([
      forget().finally(() => {
        done = true
      }),
      ...Array.from({ length: CONNECTIONS }, caller),
    ])
  )[0]
  const elapsed = (performance.now() - started) / 1000
  times.sort((a, b) => a - b)
  const wal = (await walPosition(pool)) - walBefore
  return {
    perSecond: (times.length * BATCH) / elapsed,
    p99: times[Math.floor(times.length * 0.99)],
    slowest: times.at(-1),
    issued: times.length * BATCH,
    forgotten: forgotten ?? 0,
    forgottenPerSecond: (forgotten ?? 0) / elapsed,
    wal,
  }
}

async function walPosition(pool) {
  const { rows: found } = await pool.query(`SELECT pg_current_wal_lsn() - '0/0' AS position`)
  return Number(found[0].position)
}

async function deleteSlice(pool, slice, rest) {
  for (let forgotten = 0; ; ) {
    const before = performance.now()
    const { rowCount } = await pool.query({ name: 'forget', text: forgetStep })
    forgotten += rowCount
    if (rowCount === 0 || forgotten >= slice) return forgotten
    await sleep((performance.now() - before) * rest)
  }
}

/** Waits a second at most for its lock, since whoever comes after it waits as long; and tries again. */
async function dropPartition(pool, name) {
  const client = await pool.connect()
  try {
    await client.query('SET lock_timeout = 1000')
    for (;;)
      try {
        await client.query(`DROP TABLE ${name}`)
        return
      } catch (error) {
        if (error.code !== '55P03') throw error
      }
  } finally {
    client.release(true)
  }
}

/** The last part of the price: what the deletes left behind is taken away at the pace of autovacuum. */
async function vacuuming(pool, seconds) {
  const quiet = await issueWhile(pool, 'plain', () => sleep(seconds * 1000))
  const client = await pool.connect()
  try {
    await client.query('SET vacuum_cost_delay = 2')
    const started = performance.now()
    const during = await issueWhile(pool, 'plain', () => client.query('VACUUM plain').then(() => 0))
    const again = await issueWhile(pool, 'plain', () => sleep(seconds * 1000))
    const ratio = during.perSecond / median([quiet.perSecond, again.perSecond])
    return `While \`plain\` is vacuumed at the pace of autovacuum, for ${Math.round((performance.now() - started) / 1000 - seconds)} s: ${ratio.toFixed(2)} of the throughput.`
  } finally {
    client.release(true)
  }
}

async function fillPlain(pool, { tokens, expired }) {
  await pool.query(`CREATE TABLE plain (${ROW}) WITH (autovacuum_enabled = off)`)
  await pool.query(`INSERT INTO plain ${rows(1, expired, NOW - LIFETIME, NOW)}`)
  await pool.query(`INSERT INTO plain ${rows(expired + 1, expired + tokens, NOW, NOW + LIFETIME)}`)
  await pool.query(`ALTER TABLE plain ADD PRIMARY KEY (digest) ${AS_GROWN}`)
  await pool.query('CREATE INDEX ON plain (expires_at)')
  await pool.query('VACUUM ANALYZE plain')
  process.stderr.write('  plain is filled\n')
}

async function fillParted(pool, { tokens, expired, slices }) {
  await pool.query(`CREATE TABLE parted (${ROW}) PARTITION BY RANGE (expires_at)`)
  const partition = (name, from, to) =>
    pool.query(
      `CREATE TABLE ${name} PARTITION OF parted FOR VALUES FROM (${from}) TO (${to}) WITH (autovacuum_enabled = off)`,
    )
  for (let slice = 0; slice < slices; slice += 1)
    await partition(`expired_${slice}`, NOW - (slices - slice) * WIDTH, NOW - (slices - slice - 1) * WIDTH)
  // One more, for what is issued meanwhile.
  for (let number = 0; number <= LIFETIME / WIDTH; number += 1)
    await partition(`live_${number}`, NOW + number * WIDTH, NOW + (number + 1) * WIDTH)
  await pool.query(`INSERT INTO parted ${rows(1, expired, NOW - slices * WIDTH, NOW)}`)
  await pool.query(`INSERT INTO parted ${rows(expired + 1, expired + tokens, NOW, NOW + LIFETIME)}`)
  await pool.query(`ALTER TABLE parted ADD PRIMARY KEY (digest, expires_at) ${AS_GROWN}`)
  await pool.query('VACUUM ANALYZE parted')
  process.stderr.write('  parted is filled\n')
}

async function sizesOf(pool, tables) {
  const lines = ['| | rows, MB | indexes, MB |', '|---|---|---|']
  for (const table of tables) {
    const { rows: found } = await pool.query(
      `SELECT sum(pg_table_size(oid)) AS data, sum(pg_indexes_size(oid)) AS indexes FROM pg_class
       WHERE oid = $1::regclass OR oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = $1::regclass)`,
      [table],
    )
    lines.push(`| ${table} | ${Math.round(found[0].data / 1e6)} | ${Math.round(found[0].indexes / 1e6)} |`)
  }
  return lines.join('\n')
}

function tableOf(results) {
  const walOfOne = new Map(
    ['plain', 'parted'].map((table) => [
      table,
      median(results.get(`${table}: nothing is forgotten`).map(({ wal, issued }) => wal / issued)),
    ]),
  )
  return [
    '| | issued, ratio to nothing forgotten | ratio to plain, nothing forgotten | issued/s | forgotten/s | p99 ms | slowest ms | WAL for one issued | WAL for one forgotten |',
    '|---|---|---|---|---|---|---|---|---|',
    ...[...results.keys()].map((name) => {
      const [table] = name.split(':')
      const figure = (key) => middle(results, name, key)
      const beyond = results
        .get(name)
        .filter(({ forgotten }) => forgotten > 0)
        .map(({ wal, issued, forgotten }) => (wal - issued * walOfOne.get(table)) / forgotten)
      const own = spread(ratios(results, name, `${table}: nothing is forgotten`))
      const toPlain = spread(ratios(results, name, 'plain: nothing is forgotten'))
      const perForgotten = beyond.length > 0 ? Math.round(median(beyond)) : ''
      return `| ${name} | ${own} | ${toPlain} | ${Math.round(figure('perSecond'))} | ${Math.round(figure('forgottenPerSecond'))} | ${figure('p99').toFixed(1)} | ${figure('slowest').toFixed(0)} | ${Math.round(walOfOne.get(table))} | ${perForgotten} |`
    }),
  ].join('\n')
}

/** One connection asks for tokens by their digest alone, which no partition can be told from. */
async function lookingUp(pool, { rounds, seconds, tokens }) {
  const counts = [0, 4, 16, 64]
  for (const count of counts) await fillForLookUps(pool, count, tokens)
  const find = (count, size) => ({
    name: count === 0 ? 'no partitions' : `${count} partitions`,
    async operation() {
      const digests = Array.from({ length: size }, () => digestOf(1 + Math.floor(Math.random() * tokens)))
      const { rowCount } = await pool.query({
        name: `find-${count}-${size}`,
        text: `SELECT digest, record FROM parts_${count} WHERE digest = ANY ($1)`,
        values: [digests],
      })
      if (rowCount !== new Set(digests.map((digest) => digest.toString('hex'))).size)
        throw new Error('not all were found')
    },
  })
  const parts = [`### Looking tokens up, ${tokens} live ones, one connection`]
  for (const size of [1, 16]) {
    const targets = counts.map((count) => find(count, size))
    const results = await interleaveWindows(targets, { rounds, seconds, callers: 1 })
    parts.push(
      [
        `| ${size} in a statement | statements, ratio to no partitions | p50 ms |`,
        '|---|---|---|',
        ...targets.map(
          ({ name }) =>
            `| ${name} | ${spread(ratios(results, name, 'no partitions'))} | ${middle(results, name, 'p50').toFixed(2)} |`,
        ),
      ].join('\n'),
    )
  }
  return parts.join('\n\n')
}

async function fillForLookUps(pool, count, tokens) {
  const name = `parts_${count}`
  const key = count === 0 ? '(digest)' : '(digest, expires_at)'
  await pool.query(
    `CREATE TABLE ${name} (${ROW}, PRIMARY KEY ${key})${count === 0 ? '' : ' PARTITION BY RANGE (expires_at)'}`,
  )
  for (let part = 0; part < count; part += 1) {
    const [from, to] = [part, part + 1].map((edge) => NOW + Math.round((edge * LIFETIME) / count))
    await pool.query(`CREATE TABLE ${name}_${part} PARTITION OF ${name} FOR VALUES FROM (${from}) TO (${to})`)
  }
  await pool.query(`INSERT INTO ${name} ${rows(1, tokens, NOW, NOW + LIFETIME)}`)
  await pool.query(`VACUUM ANALYZE ${name}`)
}
