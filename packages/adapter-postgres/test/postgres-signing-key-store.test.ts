import { createPostgresSigningKeyStore } from '@latchkey/adapter-postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestSchema, type TestSchema } from './database.ts'

let home: TestSchema
beforeAll(async () => {
  home = await createTestSchema('signing_keys')
})
afterAll(() => home.drop())

it('throws where a signing key cannot be read, or how often the set has changed', async () => {
  const keys = createPostgresSigningKeyStore(home.owner, home)
  expect(await keys.list()).toEqual({ generation: 0, keys: [] })
  await home.owner.query(`INSERT INTO "${home.schema}".signing_keys VALUES ('broken', '"hush-hush"')`)
  const refusal: unknown = await keys.list().catch((error: unknown) => error)
  expect(String(refusal)).toContain('the record of a signing key cannot be read')
  expect(String(refusal)).not.toContain('hush-hush')
  await home.owner.query(`TRUNCATE "${home.schema}".signing_keys, "${home.schema}".signing_key_set`)
  await expect(keys.list()).rejects.toThrow('it is gone')
})
