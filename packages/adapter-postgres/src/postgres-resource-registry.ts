import type { Resource, ResourceRegistry } from '@latchkey/core'
import { createBatcher } from './batcher.ts'
import { readDocument } from './document.ts'
import { durability } from './durability.ts'
import type { Queryable } from './queryable.ts'
import { quotedSchema, type SchemaOptions } from './schema.ts'
import { planned, prepared } from './statements.ts'

interface ResourceRow {
  readonly identifier: string
  readonly resource: string
}

/**
 * Keeps resources in the table `resources`.
 *
 * @throws TypeError when the schema is no name that Latchkey takes.
 */
export function createPostgresResourceRegistry(
  queryable: Queryable,
  { schema, prepare }: SchemaOptions = {},
): ResourceRegistry {
  const resources = `${quotedSchema(schema)}.resources`
  const insert = prepared(
    queryable,
    `WITH ${durability()}
     INSERT INTO ${resources} (identifier, version, resource) SELECT $1, $2::bigint, $3::json FROM durability
     ON CONFLICT DO NOTHING RETURNING identifier`,
    prepare,
  )
  const update = prepared(
    queryable,
    `WITH ${durability()}
     UPDATE ${resources} SET version = $2::bigint + 1, resource = $3::json FROM durability
     WHERE identifier = $1 AND version = $2::bigint RETURNING identifier`,
    prepare,
  )
  const remove = prepared(
    queryable,
    `WITH ${durability()} DELETE FROM ${resources} USING durability WHERE identifier = $1 RETURNING identifier`,
    prepare,
  )
  const select = planned<ResourceRow>(
    queryable,
    `SELECT identifier, resource::text FROM ${resources} WHERE identifier = ANY ($1::text[])`,
  )
  const selectAll = planned<ResourceRow>(
    queryable,
    `SELECT identifier, resource::text FROM ${resources} ORDER BY identifier`,
  )
  const find = createBatcher({
    what: 'look-ups of resources',
    run: async (identifiers: readonly string[]): Promise<readonly (ResourceRow | undefined)[]> => {
      const found = new Map((await select(identifiers)).map((row) => [row.identifier, row]))
      return identifiers.map((identifier) => found.get(identifier))
    },
  })

  return {
    async find(identifier) {
      if (!mayBeRegistered(identifier)) return undefined
      const row = await find(identifier)
      return row && resourceOf(row)
    },
    async add(resource) {
      return (await insert(resource.identifier, resource.version, JSON.stringify(resource))).length > 0
    },
    async replace(resource, expectedVersion) {
      const next = JSON.stringify({ ...resource, version: expectedVersion + 1 })
      return (await update(resource.identifier, expectedVersion, next)).length > 0
    },
    async remove(identifier) {
      return mayBeRegistered(identifier) && (await remove(identifier)).length > 0
    },
    async list() {
      return (await selectAll()).map(resourceOf)
    },
  }
}

/** An identifier is a URI, so that Postgres is not asked for what it could not even be told of. */
const mayBeRegistered = (identifier: string): boolean => /^[\x21-\x7e]+$/.test(identifier)

const resourceOf = ({ identifier, resource }: ResourceRow): Resource =>
  ({ ...readDocument('resource', resource), identifier }) as Resource
