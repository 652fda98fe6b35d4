import { readFile } from 'node:fs/promises'
import { createPostgresMigrations, type MigrationStep } from '@latchkey/adapter-postgres'
import { Pool } from 'pg'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readMigrationSteps } from '../src/migration-steps.ts'
import { freshSchemaName, SERVER } from './database.ts'
import { describedSchema } from './described-schema.ts'

const pool = new Pool({ connectionString: SERVER.href, max: 24 })
afterAll(() => pool.end())

let schema: string
beforeEach(() => {
  schema = freshSchemaName('migrations')
})
afterEach(async () => {
  await pool.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
})

const step = (name: string, sql: string, breaking = false): MigrationStep => ({ name, sql, breaking })
const FIRST = step('0001-first', 'CREATE TABLE first (x int)')
const SECOND = step('0002-second', 'INSERT INTO first SELECT count(*) FROM first')
const migrations = (steps?: readonly MigrationStep[]) =>
  createPostgresMigrations(pool, { schema, ...(steps && { steps }) })

describe('the steps of this version', () => {
  it('make the schema that is committed', async () => {
    await migrations().apply()
    await expect(await describedSchema(pool, schema)).toMatchFileSnapshot('../sql/schema.sql')
  })

  it('are numbered without a gap', async () => {
    const names = (await readMigrationSteps()).map(({ name }) => Number(name.slice(0, 4)))
    expect(names).toEqual(names.map((_, index) => index + 1))
    expect(names).not.toEqual([])
  })

  it('are pending once, and no more when they were taken', async () => {
    const names = (await readMigrationSteps()).map(({ name }) => name)
    expect(await migrations().pending()).toEqual(names)
    expect(await migrations().apply()).toEqual(names)
    expect(await migrations().pending()).toEqual([])
    expect(await migrations().apply()).toEqual([])
  })
})

it('documents the rights of the running service as they are granted in these tests', async () => {
  const [grants, documented] = await Promise.all(
    ['../sql/grants.sql', '../README.md'].map((path) => readFile(new URL(path, import.meta.url), 'utf8')),
  )
  expect(documented).toContain(`\n\`\`\`sql\n${grants}\`\`\`\n`)
})

describe('migrations', () => {
  it('change nothing when they are asked what is pending', async () => {
    await migrations([FIRST]).pending()
    const { rows } = await pool.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema])
    expect(rows).toEqual([])
  })

  it('take a step that came later, with the rows that are there', async () => {
    await migrations([FIRST]).apply()
    await pool.query(`INSERT INTO "${schema}".first VALUES (7)`)
    expect(await migrations([FIRST, SECOND]).pending()).toEqual([SECOND.name])
    expect(await migrations([FIRST, SECOND]).apply()).toEqual([SECOND.name])
    const { rows } = await pool.query(`SELECT x FROM "${schema}".first ORDER BY x`)
    expect(rows).toEqual([{ x: 1 }, { x: 7 }])
  })

  it('are taken once each by twenty nodes that start at once', async () => {
    const steps = [FIRST, SECOND, step('0003-third', 'INSERT INTO first VALUES (3)')]
    const taken = await Promise.all(Array.from({ length: 20 }, () => migrations(steps).apply()))
    expect(taken.flat().toSorted()).toEqual(steps.map(({ name }) => name))
    const { rows } = await pool.query(`SELECT x FROM "${schema}".first ORDER BY x`)
    expect(rows).toEqual([{ x: 0 }, { x: 3 }])
  })

  it('go into a schema that somebody else has made for them, without the right to make one', async () => {
    const role = `${schema}_owner`
    await pool.query(`CREATE ROLE "${role}" LOGIN`)
    await pool.query(`CREATE SCHEMA "${schema}" AUTHORIZATION "${role}"`)
    const url = new URL(SERVER)
    url.username = role
    const owner = new Pool({ connectionString: url.href })
    try {
      expect(await createPostgresMigrations(owner, { schema }).apply()).not.toEqual([])
    } finally {
      await owner.end()
      await pool.query(`DROP SCHEMA "${schema}" CASCADE`)
      await pool.query(`DROP ROLE "${role}"`)
    }
  })

  it('leave nothing of a step that fails, and take it when it is right', async () => {
    const wrong = step('0002-second', 'CREATE TABLE second (x int); SELECT 1 / 0')
    await expect(migrations([FIRST, wrong]).apply()).rejects.toThrow('division by zero')
    expect(await migrations([FIRST, wrong]).pending()).toEqual([wrong.name])
    expect(await migrations([FIRST, step(wrong.name, 'CREATE TABLE second (x int)')]).apply()).toEqual([wrong.name])
  })

  it('serve a schema that is ahead by a step that breaks nothing', async () => {
    await migrations([FIRST, SECOND]).apply()
    expect(await migrations([FIRST]).pending()).toEqual([])
    expect(await migrations([FIRST]).apply()).toEqual([])
  })

  it('refuse a schema that is ahead by a breaking step, and say which and what to do', async () => {
    await migrations([FIRST, { ...SECOND, breaking: true }]).apply()
    const { pending, apply } = migrations([FIRST])
    for (const refused of [pending, apply])
      await expect(refused()).rejects.toThrow(
        `the schema ${schema} was migrated by a later version: this one cannot work with its step 0002-second; run that version or a later one`,
      )
  })

  it('read from the first line of a file whether it breaks', async () => {
    expect((await readMigrationSteps()).map(({ breaking }) => breaking)).not.toContain(true)
  })

  it('let others pass while a lock is held, and take the step when it is free', async () => {
    await migrations([FIRST]).apply()
    const holder = await pool.connect()
    await holder.query(`BEGIN; LOCK TABLE "${schema}".first IN ACCESS SHARE MODE`)
    const applying = migrations([FIRST, step('0002-alter', 'ALTER TABLE first ADD COLUMN y int')]).apply()
    await waitFor(async () => (await waitingFor(schema)) > 0)
    // Whoever comes behind the step waits for a second at most, until it gives up.
    await expect(pool.query(`INSERT INTO "${schema}".first VALUES (1)`)).resolves.toBeDefined()
    await holder.query('COMMIT')
    holder.release()
    expect(await applying).toEqual(['0002-alter'])
  })

  it('are not hurried by the timeouts of the service', async () => {
    const hasty = new Pool({ connectionString: SERVER.href, statement_timeout: 200, query_timeout: 300 })
    try {
      const slow = createPostgresMigrations(hasty, { schema, steps: [step('0001-slow', 'SELECT pg_sleep(0.5)')] })
      expect(await slow.apply()).toEqual(['0001-slow'])
    } finally {
      await hasty.end()
    }
  })
})

it.each(['', 'Latchkey', '1st', 'pg_mine', 'a"b', 'a b', 'a'.repeat(41), 'é'])('refuses the schema name %j', (name) => {
  expect(() => createPostgresMigrations(pool, { schema: name })).toThrow('schema must be')
})

async function waitingFor(name: string): Promise<number> {
  const { rows } = await pool.query(
    'SELECT FROM pg_locks JOIN pg_class ON pg_class.oid = relation WHERE relnamespace = $1::regnamespace AND NOT granted',
    [name],
  )
  return rows.length
}

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10))
}
