import type { CredentialUses } from '@latchkey/core'
import { CLIENT_ID_PATTERN } from '@latchkey/core'
import type { Queryable } from './queryable.ts'
import { quotedSchema, type SchemaOptions } from './schema.ts'
import { planned, prepared } from './statements.ts'

interface UseRow {
  readonly credential_id: string
  readonly used_at: string
}

/**
 * Keeps the last use of each credential in the table `credential_uses`.
 *
 * @throws TypeError when the schema is no name that Latchkey takes.
 */
export function createPostgresCredentialUses(
  queryable: Queryable,
  { schema, prepare }: SchemaOptions = {},
): CredentialUses {
  const table = `${quotedSchema(schema)}.credential_uses`
  // Grouped, since one statement must not touch a row twice; ordered, so that two of them wait for each other in no ring.
  const upsert = prepared(
    queryable,
    `INSERT INTO ${table} AS known (client_id, credential_id, used_at)
     SELECT client_id, credential_id, max(used_at)
     FROM unnest($1::text[], $2::text[], $3::bigint[]) AS used (client_id, credential_id, used_at)
     GROUP BY client_id, credential_id ORDER BY client_id COLLATE "C", credential_id COLLATE "C"
     ON CONFLICT (client_id, credential_id) DO UPDATE SET used_at = excluded.used_at
     WHERE known.used_at < excluded.used_at`,
    prepare,
  )
  const select = planned<UseRow>(queryable, `SELECT credential_id, used_at FROM ${table} WHERE client_id = $1`)

  return {
    async record(uses) {
      if (uses.length === 0) return
      await upsert(
        uses.map(({ clientId }) => clientId),
        uses.map(({ credentialId }) => credentialId),
        uses.map(({ usedAt }) => usedAt),
      )
    },
    async of(clientId) {
      if (!CLIENT_ID_PATTERN.test(clientId)) return []
      const rows = await select(clientId)
      return rows.map(({ credential_id, used_at }) => ({
        clientId,
        credentialId: credential_id,
        usedAt: Number(used_at),
      }))
    },
  }
}
