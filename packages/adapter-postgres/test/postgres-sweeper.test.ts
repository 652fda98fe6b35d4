import {
  createPostgresReplayGuard,
  createPostgresSweeper,
  createPostgresTokenStore,
  type Queryable,
} from '@latchkey/adapter-postgres'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestSchema, type TestSchema } from './database.ts'
import { tokenRecord } from './token-records.ts'

const NOW = 1_800_000_000

let home: TestSchema
beforeEach(async () => {
  home = await createTestSchema('sweeper')
})
afterEach(() => home.drop())

async function saveExpired(count: number): Promise<void> {
  const tokens = createPostgresTokenStore(home.owner, home)
  await Promise.all(
    Array.from({ length: count }, (_, index) => tokens.save(tokenRecord(`${index}`, NOW - 1 - (index % 7)))),
  )
}

const countOf = async (table: string): Promise<number> => {
  const { rows } = await home.owner.query(`SELECT count(*)::int AS count FROM "${home.schema}".${table}`)
  return rows[0].count
}

describe('sweeping postgres', () => {
  it('forgets a token, a revocation and a claim once their second has passed, not in it', async () => {
    const tokens = createPostgresTokenStore(home.owner, home)
    const sweeper = createPostgresSweeper(home.owner, home)
    await tokens.save(tokenRecord('token', NOW))
    await tokens.revoke(tokenRecord('revoked').id, NOW)
    await createPostgresReplayGuard(home.owner, home).claim('key', NOW)
    expect(await sweeper.sweep(NOW)).toBe(0)
    expect(await sweeper.sweep(NOW + 1)).toBe(3)
    expect(await sweeper.sweep(NOW + 1)).toBe(0)
  })

  it('goes in steps of a thousand rows', async () => {
    await saveExpired(2500)
    let statements = 0
    const queryable: Queryable = {
      query(statement) {
        statements++
        return home.owner.query(statement)
      },
    }
    expect(await createPostgresSweeper(queryable, home).sweep(NOW)).toBe(2500)
    // Three for the tokens, one for each of the other three tables.
    expect(statements).toBe(6)
  })

  it('forgets each record once when four nodes do it at once', async () => {
    await saveExpired(5000)
    const counts = await Promise.all([1, 2, 3, 4].map(() => createPostgresSweeper(home.owner, home).sweep(NOW)))
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(5000)
    expect(await countOf('tokens')).toBe(0)
  })

  it('waits for nobody who holds a record, and forgets that one later', async () => {
    await saveExpired(10)
    const sweeper = createPostgresSweeper(home.owner, home)
    const holder = await home.owner.connect()
    await holder.query(`BEGIN; SELECT FROM "${home.schema}".tokens LIMIT 1 FOR UPDATE`)
    expect(await sweeper.sweep(NOW)).toBe(9)
    await holder.query('ROLLBACK')
    holder.release()
    expect(await sweeper.sweep(NOW)).toBe(1)
  })

  it('keeps a revocation whose expiry is put off meanwhile', async () => {
    const tokens = createPostgresTokenStore(home.owner, home)
    const { id } = tokenRecord('put off')
    for (let round = 0; round < 20; round++) {
      await tokens.revoke(id, NOW - 1)
      await Promise.all([tokens.revoke(id, NOW + 1000), createPostgresSweeper(home.owner, home).sweep(NOW)])
      expect(await tokens.isRevoked(id)).toBe(true)
      await home.owner.query(`TRUNCATE "${home.schema}".revocations`)
    }
  })
})
