import { firstMigrationsContract, openAdapterContract } from '@latchkey/adapter-contract'
import { describeAdapter, describeContract } from '@latchkey/adapter-contract/vitest'
import { openAdapter } from '@latchkey/adapter-postgres'
import { Pool } from 'pg'
import { afterAll } from 'vitest'
import { createTestSchema, freshSchemaName, SERVER } from './database.ts'

// Under two names at once, as two services on one database would be.
const [one, other] = await Promise.all([createTestSchema('contract'), createTestSchema('another_contract')])
const firsts: string[] = []
afterAll(async () => {
  await one.drop()
  await other.drop()
  const pool = new Pool({ connectionString: SERVER.href })
  for (const schema of firsts) await pool.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
  await pool.end()
})

describeAdapter('postgres', () => openAdapter(one.url({ sweep_interval: '0' })))
describeAdapter('postgres in another schema', () => openAdapter(other.url({ sweep_interval: '0', prepare: 'false' })))
describeContract('the address of postgres', openAdapterContract, () => ({ openAdapter, url: one.url() }))
describeContract('the first migrations of postgres', firstMigrationsContract, () => async () => {
  const url = new URL(SERVER)
  url.searchParams.set('schema', freshSchemaName('first'))
  firsts.push(url.searchParams.get('schema') ?? '')
  return [await openAdapter(url), await openAdapter(url)]
})
