import { randomUUID } from 'node:crypto'
import { STATUS_LIST_SIZE, type StatusBlock, type StatusIndexes } from '@latchkey/core'
import { durability } from './durability.ts'
import type { Queryable } from './queryable.ts'
import { quotedSchema, type SchemaOptions } from './schema.ts'
import { planned, prepared } from './statements.ts'

/**
 * Keeps in the table `status_lists` how many places of each list are given away, and in `status_revocations` a row for each
 * that was revoked: what is not revoked takes nothing.
 *
 * @throws TypeError when the schema is no name that Latchkey takes.
 */
export function createPostgresStatusIndexes(
  queryable: Queryable,
  { schema, prepare }: SchemaOptions = {},
): StatusIndexes {
  const lists = `${quotedSchema(schema)}.status_lists`
  const revocations = `${quotedSchema(schema)}.status_revocations`
  const take = prepared<StatusBlock>(
    queryable,
    `WITH ${durability()}, roomy AS (
       SELECT list FROM ${lists}, durability WHERE reserved + $1::int <= ${STATUS_LIST_SIZE}
       ORDER BY list LIMIT 1 FOR UPDATE OF status_lists
     )
     UPDATE ${lists} AS l SET reserved = reserved + $1::int, expires_at = greatest(expires_at, $2::bigint)
     FROM roomy WHERE l.list = roomy.list RETURNING l.list, l.reserved - $1::int AS first`,
    prepare,
  )
  const open = prepared<StatusBlock>(
    queryable,
    `WITH ${durability()}
     INSERT INTO ${lists} (list, reserved, expires_at) SELECT $3, $1::int, $2::bigint FROM durability
     RETURNING list, 0 AS first`,
    prepare,
  )
  const insert = prepared(
    queryable,
    `WITH ${durability()}
     INSERT INTO ${revocations} (list, place) SELECT list, $2::int FROM ${lists}, durability WHERE list = $1
     ON CONFLICT DO NOTHING`,
    prepare,
  )
  const select = planned<{ readonly places: readonly number[] }>(
    queryable,
    `SELECT ARRAY(SELECT place FROM ${revocations} AS r WHERE r.list = l.list) AS places FROM ${lists} AS l WHERE list = $1`,
  )

  return {
    async reserve(count, expiresAt) {
      const [block] = [...(await take(count, expiresAt)), undefined]
      const [found] = block === undefined ? await open(count, expiresAt, randomUUID()) : [block]
      if (found === undefined) throw new TypeError('no places could be reserved')
      return { list: found.list, first: found.first }
    },
    async revoke(list, index) {
      await insert(list, index)
    },
    async revoked(list) {
      const [row] = await select(list)
      if (row === undefined) return undefined
      const bits = new Uint8Array(STATUS_LIST_SIZE / 8)
      for (const place of row.places) bits[place >> 3] = (bits[place >> 3] ?? 0) | (1 << (place & 7))
      return bits
    },
  }
}
