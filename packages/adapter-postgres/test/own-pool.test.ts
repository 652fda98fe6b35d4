import {
  createPostgresClientRegistry,
  createPostgresCredentialUses,
  createPostgresMigrations,
  createPostgresTokenStore,
} from '@latchkey/adapter-postgres'
import type { AuthorizationServer } from '@latchkey/core'
import { addClient, createAuthorizationServer, defineClient, formOf, generateSecret } from '@latchkey/core'
import { Pool } from 'pg'
import { afterAll, expect, it } from 'vitest'
import { freshSchemaName, SERVER } from './database.ts'

// #region own-pool
async function serverOn(pool: Pool, schema: string): Promise<AuthorizationServer> {
  await createPostgresMigrations(pool, { schema }).apply()
  return createAuthorizationServer({
    issuer: 'https://auth.example.com',
    clients: createPostgresClientRegistry(pool, { schema }),
    tokens: createPostgresTokenStore(pool, { schema }),
    credentialUses: createPostgresCredentialUses(pool, { schema }),
  })
}
// #endregion

const schema = freshSchemaName('own_pool')
const pool = new Pool({ connectionString: SERVER.href, max: 2, statement_timeout: 2000, query_timeout: 2250 })
afterAll(async () => {
  await pool.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
  await pool.end()
})

it('issues a token from the tables of a program with a pool of its own', async () => {
  const server = await serverOn(pool, schema)
  const clients = createPostgresClientRegistry(pool, { schema })
  const { secret, credentialId, hash } = generateSecret()
  const credentials = [{ kind: 'secret', id: credentialId, hash }] as const
  await addClient({ clients }, defineClient({ id: 'nightly-reports', credentials, scopes: { read: true } }))
  const authorization = `Basic ${btoa(`nightly-reports:${secret}`)}`
  const form = formOf({ grant_type: 'client_credentials' })
  expect(await server.token({ authorization, form })).toMatchObject({ scope: 'read' })
  await server.close()
})
