import type { SigningKeyRecord, SigningKeyStore } from '@latchkey/core'
import { readDocument } from './document.ts'
import { durability } from './durability.ts'
import type { Queryable } from './queryable.ts'
import { quotedSchema, type SchemaOptions } from './schema.ts'
import { planned, prepared } from './statements.ts'

/** Postgres tells bigint as text; a set without keys is one row without any. */
interface KeyRow {
  readonly generation: string
  readonly kid: string | null
  readonly key: string | null
}

/**
 * Keeps signing keys in the table `signing_keys`, and in `signing_key_set` how often they have changed: whoever counts that
 * up first has changed them, in one statement.
 *
 * @throws TypeError when the schema is no name that Latchkey takes.
 */
export function createPostgresSigningKeyStore(
  queryable: Queryable,
  { schema, prepare }: SchemaOptions = {},
): SigningKeyStore {
  const keys = `${quotedSchema(schema)}.signing_keys`
  const set = `${quotedSchema(schema)}.signing_key_set`
  const counted = (condition: string): string => `counted AS (
    UPDATE ${set} SET generation = generation + 1 FROM durability
    WHERE generation = $1::bigint AND ${condition} (SELECT FROM ${keys} WHERE kid = $2) RETURNING generation
  )`
  const insert = prepared(
    queryable,
    `WITH ${durability()}, ${counted('NOT EXISTS')}
     INSERT INTO ${keys} (kid, key) SELECT $2, $3::json FROM counted RETURNING kid`,
    prepare,
  )
  const remove = prepared(
    queryable,
    `WITH ${durability()}, ${counted('EXISTS')}
     DELETE FROM ${keys} USING counted WHERE kid = $2 RETURNING kid`,
    prepare,
  )
  const select = planned<KeyRow>(queryable, `SELECT generation, kid, key::text FROM ${set} LEFT JOIN ${keys} ON true`)

  return {
    async list() {
      const rows = await select()
      const generation = Number(rows[0]?.generation)
      if (!Number.isSafeInteger(generation))
        throw new TypeError('the record of the signing keys cannot be read: it is gone')
      return { generation, keys: rows.flatMap(keysIn) }
    },
    async add(key, expectedGeneration) {
      return (await insert(expectedGeneration, key.kid, JSON.stringify(key))).length > 0
    },
    async remove(kid, expectedGeneration) {
      // No key has it in its name, and Postgres could not be asked.
      return !kid.includes('\0') && (await remove(expectedGeneration, kid)).length > 0
    },
  }
}

function keysIn({ kid, key }: KeyRow): readonly SigningKeyRecord[] {
  if (kid === null || key === null) return []
  return [{ ...readDocument('signing key', key), kid } as SigningKeyRecord]
}
