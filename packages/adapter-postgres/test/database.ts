import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createPostgresMigrations } from '@latchkey/adapter-postgres'
import { Pool } from 'pg'

/** The server on which these tests make schemas of their own: as a role that may make schemas and roles. */
export const SERVER = new URL(process.env['TEST_POSTGRES_URL'] ?? '')

/** A schema that nobody else uses, and a role that has the rights of the running service in it, and no more. */
export interface TestSchema {
  readonly schema: string
  readonly role: string
  /** The address of the schema for that role, with these parameters on top. */
  url(parameters?: Readonly<Record<string, string>>): URL
  /** Connections of the owner. */
  readonly owner: Pool
  /** Drops everything. */
  drop(): Promise<void>
}

/** A name that no other run has. */
export const freshSchemaName = (about: string): string => `${about}_${randomBytes(6).toString('hex')}`

/** Makes a schema with the tables in it. */
export async function createTestSchema(about: string, server: URL = SERVER): Promise<TestSchema> {
  const schema = freshSchemaName(about)
  const role = `${schema}_service`
  const password = randomBytes(12).toString('hex')
  const owner = new Pool({ connectionString: server.href, max: 4 })
  await createPostgresMigrations(owner, { schema }).apply()
  await owner.query(`CREATE ROLE "${role}" LOGIN PASSWORD '${password}'`)
  await owner.query(await grantsFor(schema, role))
  return {
    schema,
    role,
    owner,
    url(parameters = {}) {
      const url = new URL(server)
      url.username = role
      url.password = password
      for (const [name, value] of Object.entries({ schema, ...parameters })) url.searchParams.set(name, value)
      return url
    },
    async drop() {
      await owner.query(`DROP SCHEMA "${schema}" CASCADE`)
      await owner.query(`DROP OWNED BY "${role}"`)
      await owner.query(`DROP ROLE "${role}"`)
      await owner.end()
    },
  }
}

/** What `psql` makes of the file, with its two variables. */
async function grantsFor(schema: string, role: string): Promise<string> {
  const file = await readFile(new URL('../sql/grants.sql', import.meta.url), 'utf8')
  return file.replaceAll(':"schema"', `"${schema}"`).replaceAll(':"role"', `"${role}"`)
}
