import type { Client, ClientRegistry } from '@latchkey/core'
import { CLIENT_ID_PATTERN } from '@latchkey/core'
import { createBatcher } from './batcher.ts'
import { readDocument } from './document.ts'
import { durability } from './durability.ts'
import type { Queryable } from './queryable.ts'
import { channelOf, quotedSchema, type SchemaOptions } from './schema.ts'
import { planned, prepared } from './statements.ts'

interface ClientRow {
  readonly id: string
  readonly client: string
}

/**
 * Keeps clients in the table `clients`, and tells of each change in the same transaction.
 *
 * @throws TypeError when the schema is no name that Latchkey takes.
 */
export function createPostgresClientRegistry(queryable: Queryable, options: SchemaOptions = {}): ClientRegistry {
  const { schema, prepare } = options
  const quoted = quotedSchema(schema)
  const clients = `${quoted}.clients`
  const find = createBatcher({ what: 'look-ups of clients', run: findsOn(queryable, options) })
  // One statement is one transaction: nobody hears of a change that is not there, and none goes untold.
  const tell = `SELECT pg_notify('${channelOf(schema)}', id) FROM changed`
  const insert = prepared(
    queryable,
    `WITH ${durability()}, changed AS (
       INSERT INTO ${clients} (id, version, client) SELECT $1, $2::bigint, $3::json FROM durability
       ON CONFLICT DO NOTHING RETURNING id
     ) ${tell}`,
    prepare,
  )
  const update = prepared(
    queryable,
    `WITH ${durability()}, changed AS (
       UPDATE ${clients} SET version = $2::bigint + 1, client = $3::json FROM durability
       WHERE id = $1 AND version = $2::bigint RETURNING id
     ) ${tell}`,
    prepare,
  )
  const remove = prepared(
    queryable,
    `WITH ${durability()}, changed AS (
       DELETE FROM ${clients} USING durability WHERE id = $1 RETURNING id
     ), unused AS (
       DELETE FROM ${quoted}.credential_uses USING changed WHERE client_id = changed.id
     ) ${tell}`,
    prepare,
  )
  const select = planned<ClientRow>(
    queryable,
    `SELECT id, client::text FROM ${clients} WHERE id > $1 ORDER BY id LIMIT $2`,
  )

  return {
    async find(id) {
      if (!CLIENT_ID_PATTERN.test(id)) return undefined
      const text = await find(id)
      return text === undefined ? undefined : clientOf(id, text)
    },
    async add(client) {
      return (await insert(writableId(client), client.version, JSON.stringify(client))).length > 0
    },
    async replace(client, expectedVersion) {
      const next = JSON.stringify({ ...client, version: expectedVersion + 1 })
      return (await update(writableId(client), expectedVersion, next)).length > 0
    },
    async remove(id) {
      return CLIENT_ID_PATTERN.test(id) && (await remove(id)).length > 0
    },
    async list({ after = '', limit }) {
      // One more than is asked for tells whether there is a next page. No id holds a NUL: what follows one decides nothing.
      const rows = await select(after.split('\0', 1)[0], limit + 1)
      const page = rows.slice(0, limit)
      const listed = { clients: page.map(({ id, client }) => clientOf(id, client)) }
      const last = page.at(-1)
      return rows.length <= limit || last === undefined ? listed : { ...listed, next: last.id }
    },
  }
}

function findsOn(queryable: Queryable, { schema }: SchemaOptions) {
  const select = planned<ClientRow>(
    queryable,
    `SELECT id, client::text FROM ${quotedSchema(schema)}.clients WHERE id = ANY ($1::text[])`,
  )
  return async (ids: readonly string[]): Promise<readonly (string | undefined)[]> => {
    const found = new Map((await select(ids)).map(({ id, client }) => [id, client]))
    return ids.map((id) => found.get(id))
  }
}

function clientOf(id: string, text: string): Client {
  return { ...readDocument('client', text), id } as Client
}

function writableId({ id }: Client): string {
  if (!CLIENT_ID_PATTERN.test(id)) throw new TypeError(`the id of a client must match ${CLIENT_ID_PATTERN.source}`)
  return id
}
