import {
  createPostgresClientRegistry,
  createPostgresReplayGuard,
  createPostgresTokenStore,
  type Queryable,
  type Statement,
} from '@latchkey/adapter-postgres'
import { type AccessTokenRecord, defineClient, type TokenId, tokenIdOf } from '@latchkey/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestSchema, type TestSchema } from './database.ts'
import { tokenRecord } from './token-records.ts'

const LIVE = 4_102_444_800

let home: TestSchema
beforeAll(async () => {
  home = await createTestSchema('token_store')
})
afterAll(() => home.drop())

/** The owner's connections, and what is asked of them. */
function counted(): { readonly queryable: Queryable; readonly statements: Statement[] } {
  const statements: Statement[] = []
  const query = (statement: Statement) => {
    statements.push(statement)
    return home.owner.query(statement)
  }
  return { queryable: { query }, statements }
}

describe('what is asked of postgres', () => {
  it('is one statement for each of save, find, revoke, isRevoked and claim', async () => {
    const { queryable, statements } = counted()
    const tokens = createPostgresTokenStore(queryable, home)
    const replays = createPostgresReplayGuard(queryable, home)
    const token = tokenRecord('counted')
    await tokens.save(token)
    await tokens.find(token.id)
    await tokens.revoke(token.id, LIVE)
    await tokens.isRevoked(token.id)
    await replays.claim('counted', LIVE)
    expect(statements).toHaveLength(5)
  })

  it('is a handful of statements for a thousand saves and look-ups at once', async () => {
    const { queryable, statements } = counted()
    const tokens = createPostgresTokenStore(queryable, home)
    const records = Array.from({ length: 1000 }, (_, index) => tokenRecord(`crowd ${index}`))
    await Promise.all(records.map(tokens.save))
    expect(await Promise.all(records.map(({ id }) => tokens.find(id)))).toEqual(records)
    expect(statements.length).toBeLessThanOrEqual(10)
  })

  it('has names of its own, and none for what the planner must see anew or where nothing is prepared', async () => {
    const { queryable, statements } = counted()
    const tokens = createPostgresTokenStore(queryable, home)
    const clients = createPostgresClientRegistry(queryable, home)
    const unprepared = createPostgresTokenStore(queryable, { schema: home.schema, prepare: false })
    await tokens.save(tokenRecord('named'))
    await tokens.revoke(tokenIdOf('named'), LIVE)
    await tokens.find(tokenIdOf('named'))
    await clients.remove('nobody')
    const names = statements.map(({ name }) => name)
    expect(new Set(names).size).toBe(4)
    expect(names).not.toContain(undefined)
    await tokens.isRevoked(tokenIdOf('named'))
    await unprepared.save(tokenRecord('unnamed'))
    await unprepared.find(tokenIdOf('named'))
    expect(statements.slice(4).map(({ name }) => name)).toEqual([undefined, undefined, undefined])
  })

  it('is nothing for ids that no token, and no client, has', async () => {
    const { queryable, statements } = counted()
    const tokens = createPostgresTokenStore(queryable, home)
    const clients = createPostgresClientRegistry(queryable, home)
    for (const id of ['', '\0', 'x', `${tokenIdOf('a')}=`, tokenIdOf('a').slice(1), '\ud800'] as TokenId[]) {
      expect(await tokens.find(id)).toBeUndefined()
      expect(await tokens.isRevoked(id)).toBe(false)
    }
    for (const id of ['', '\0', 'a b', '\ud800', 'x'.repeat(256)]) {
      expect(await clients.find(id)).toBeUndefined()
      expect(await clients.remove(id)).toBe(false)
    }
    expect(statements).toEqual([])
  })
})

describe('the plan of a look-up', () => {
  it('is kept from when there was nothing, and still reads no whole table when there is much', async () => {
    const empty = await createTestSchema('plans')
    const connection = await empty.owner.connect()
    try {
      const { schema } = empty
      for (const table of ['tokens', 'revocations']) {
        await connection.query(`ALTER TABLE "${schema}".${table} SET (autovacuum_enabled = off)`)
        await connection.query(`VACUUM ANALYZE "${schema}".${table}`)
      }
      const tokens = createPostgresTokenStore(connection, { schema })
      const token = tokenRecord('planned early')
      for (let asked = 0; asked < 10; asked++) expect(await tokens.find(token.id)).toBeUndefined()
      await tokens.save(token)
      await connection.query(
        `INSERT INTO "${schema}".tokens SELECT sha256(int8send(i)), 1, '{}' FROM generate_series(1, 2000) AS i`,
      )
      await connection.query(
        `INSERT INTO "${schema}".revocations SELECT sha256(int8send(-i)), 1 FROM generate_series(1, 2000) AS i`,
      )
      const scansOf = async () => {
        const { rows } = await connection.query<{ whole: number; by_key: number }>(
          `SELECT sum(seq_scan)::int AS whole, sum(idx_scan)::int AS by_key FROM pg_stat_xact_user_tables
           WHERE schemaname = $1 AND relname IN ('tokens', 'revocations')`,
          [schema],
        )
        return rows[0] ?? { whole: 0, by_key: 0 }
      }
      await connection.query('BEGIN')
      const before = await scansOf()
      expect(await tokens.find(token.id)).toEqual(token)
      expect(await scansOf()).toEqual({ whole: before.whole, by_key: before.by_key + 2 })
      await connection.query('COMMIT')
    } finally {
      connection.release(true)
      await empty.drop()
    }
  })
})

describe('what cannot be written', () => {
  it('fails for its caller alone, however many are in the same statement', async () => {
    const tokens = createPostgresTokenStore(home.owner, home)
    const records = Array.from({ length: 50 }, (_, index) => tokenRecord(`mixed ${index}`))
    // No bigint holds it: the database refuses the statement as a whole.
    const wrong = { ...tokenRecord('wrong'), expiresAt: 1e30 }
    const outcomes = await Promise.allSettled([...records, wrong].map(tokens.save))
    expect(outcomes.map(({ status }) => status)).toEqual([...records.map(() => 'fulfilled'), 'rejected'])
    expect(await Promise.all(records.map(({ id }) => tokens.find(id)))).toEqual(records)
  })

  it('is refused before it gets there: claims that are no JSON, ids that no token has', async () => {
    const { queryable, statements } = counted()
    const tokens = createPostgresTokenStore(queryable, home)
    const claims: Record<string, unknown> = {}
    claims['ring'] = claims
    await expect(tokens.save({ ...tokenRecord('ring'), claims } as unknown as AccessTokenRecord)).rejects.toThrow(
      'circular',
    )
    await expect(tokens.save({ ...tokenRecord('a'), id: 'short' as TokenId })).rejects.toThrow('32 bytes')
    await expect(tokens.revoke('short' as TokenId, LIVE)).rejects.toThrow('32 bytes')
    expect(statements).toEqual([])
  })
})

describe('a record that cannot be read', () => {
  it.each(['[]', 'null', '"text"', '7'])('throws when it is %s, for its caller alone', async (broken) => {
    const tokens = createPostgresTokenStore(home.owner, home)
    const [good, bad] = [tokenRecord(`good beside ${broken}`), tokenRecord(`broken ${broken}`)]
    await tokens.save(good)
    await tokens.save(bad)
    await home.owner.query(`UPDATE "${home.schema}".tokens SET record = $1 WHERE id = $2`, [
      broken,
      Buffer.from(bad.id, 'base64url'),
    ])
    const [first, ...rest] = await Promise.allSettled([bad, good, bad, good].map(({ id }) => tokens.find(id)))
    expect(first).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('cannot be read') } })
    expect(rest.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  it('throws for a client too, and tells nothing of what it holds', async () => {
    const clients = createPostgresClientRegistry(home.owner, home)
    await clients.add(defineClient({ id: 'broken' }))
    await home.owner.query(`UPDATE "${home.schema}".clients SET client = '"hush-hush"' WHERE id = 'broken'`)
    const refusal: unknown = await clients.find('broken').catch((error: unknown) => error)
    expect(String(refusal)).toContain('cannot be read')
    expect(String(refusal)).not.toContain('hush-hush')
    await clients.remove('broken')
  })
})

describe('how durable a commit is', () => {
  const SETTINGS = ['off', 'local', 'on', undefined] as const

  it.each(SETTINGS)(
    'is what the store was told, for each thing that it acknowledges: %s',
    async (synchronousCommit) => {
      const { schema, owner } = home
      await owner.query(`
      CREATE TABLE "${schema}".commits (setting text);
      CREATE FUNCTION "${schema}".note() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO "${schema}".commits VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
      CREATE TRIGGER note AFTER INSERT ON "${schema}".tokens EXECUTE FUNCTION "${schema}".note();
      CREATE TRIGGER note AFTER INSERT ON "${schema}".revocations EXECUTE FUNCTION "${schema}".note();
      CREATE TRIGGER note AFTER INSERT ON "${schema}".claims EXECUTE FUNCTION "${schema}".note()`)
      const connection = await owner.connect()
      try {
        // Acknowledged is durable, even where the server would not have it so.
        await connection.query('SET synchronous_commit = off')
        const options = { schema, ...(synchronousCommit && { synchronousCommit }) }
        const tokens = createPostgresTokenStore(connection, options)
        const token = tokenRecord(`durable ${synchronousCommit}`)
        await tokens.save(token)
        await tokens.revoke(token.id, LIVE)
        await createPostgresReplayGuard(connection, options).claim(token.id, LIVE)
        const { rows } = await connection.query(`SELECT setting FROM "${schema}".commits`)
        expect(rows).toEqual([1, 2, 3].map(() => ({ setting: synchronousCommit ?? 'on' })))
        const after = await connection.query('SHOW synchronous_commit')
        expect(after.rows).toEqual([{ synchronous_commit: 'off' }])
      } finally {
        connection.release(true)
        await owner.query(`DROP TABLE "${schema}".commits; DROP FUNCTION "${schema}".note CASCADE`)
      }
    },
  )
})
