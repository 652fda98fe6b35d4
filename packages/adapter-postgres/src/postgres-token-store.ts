import type { AccessTokenRecord, EpochSeconds, TokenId, TokenStore } from '@latchkey/core'
import { createBatcher } from './batcher.ts'
import { binaryArrays } from './binary-arrays.ts'
import { digestOfId, digestOfWritableId, inOrderOf, isTokenId, keyOf } from './digests.ts'
import { readDocument } from './document.ts'
import { durability, type SynchronousCommit } from './durability.ts'
import type { Queryable } from './queryable.ts'
import { quotedSchema, type SchemaOptions } from './schema.ts'
import { planned, prepared } from './statements.ts'

/** What {@link createPostgresTokenStore} and {@link createPostgresReplayGuard} may be given. */
export interface TokenPathOptions extends SchemaOptions {
  /** How durable a token, a revocation and a claim are before they are acknowledged. As the server says, but never `off`, unless given. */
  readonly synchronousCommit?: SynchronousCommit
}

interface Saving {
  readonly id: TokenId
  readonly digest: Buffer
  readonly expiresAt: EpochSeconds
  readonly record: string
}

interface Revoking {
  readonly digest: Buffer
  readonly expiresAt: EpochSeconds
}

const digestOf = ({ digest }: { readonly digest: Buffer }): Buffer => digest

/**
 * Keeps tokens and revocations in the tables `tokens` and `revocations`. What is asked while a statement is under way goes
 * together in the next one; every caller is answered once its own row is committed.
 *
 * @throws TypeError when the schema is no name that Latchkey takes.
 */
export function createPostgresTokenStore(queryable: Queryable, options: TokenPathOptions = {}): TokenStore {
  const save = createBatcher({ what: 'tokens', run: savesOn(queryable, options) })
  const find = createBatcher({ what: 'look-ups of tokens', run: findsOn(queryable, options) })
  const revoke = createBatcher({ what: 'revocations', run: revokesOn(queryable, options) })
  const isRevoked = createBatcher({ what: 'look-ups of revocations', run: revokedOn(queryable, options) })

  return {
    async save({ id, ...record }) {
      const { expiresAt } = record
      if (!Number.isSafeInteger(expiresAt)) throw new TypeError('expiresAt must be a whole number')
      await save({ id, digest: digestOfWritableId(id), expiresAt, record: JSON.stringify(record) })
    },
    async find(id) {
      const text = isTokenId(id) ? await find(id) : undefined
      return text === undefined ? undefined : tokenOf(id, text)
    },
    async revoke(id, expiresAt) {
      await revoke({ digest: digestOfWritableId(id), expiresAt })
    },
    async isRevoked(id) {
      const digest = digestOfId(id)
      return digest !== undefined && isRevoked(digest)
    },
  }
}

/** The document itself, which nobody else has: a copy that is spread together takes longer to make, and longer to read. */
function tokenOf(id: TokenId, text: string): AccessTokenRecord {
  const document: Record<string, unknown> = readDocument('token', text)
  document['id'] = id
  return document as unknown as AccessTokenRecord
}

function savesOn(queryable: Queryable, { schema, prepare, synchronousCommit }: TokenPathOptions) {
  const insert = prepared(
    queryable,
    `WITH ${durability(synchronousCommit)}
     INSERT INTO ${quotedSchema(schema)}.tokens (id, expires_at, record)
     SELECT token.id, token.expires_at, token.record::json
     FROM durability, unnest($1::bytea[], $2::bigint[], $3::text[]) AS token (id, expires_at, record)
     ON CONFLICT DO NOTHING`,
    prepare,
  )
  return async (savings: readonly Saving[]): Promise<readonly undefined[]> => {
    // Sorting keeps the order of those that are equal: the first one of an id is the one that stays.
    const rows = savings.toSorted(inOrderOf(digestOf))
    await insert(
      binaryArrays.digestsOf(rows.map(({ id }) => id)),
      binaryArrays.bigints(rows.map(({ expiresAt }) => expiresAt)),
      binaryArrays.texts(rows.map(({ record }) => record)),
    )
    return savings.map(() => undefined)
  }
}

/** By the function of that name, whose plan is kept and stays right: a plan that is kept by us could be of when the table was small. */
function findsOn(queryable: Queryable, { schema, prepare }: TokenPathOptions) {
  const select = prepared<{ readonly place: number; readonly document: string | null }>(
    queryable,
    `SELECT place, document FROM ${quotedSchema(schema)}.find_tokens($1)`,
    prepare,
  )
  return async (ids: readonly TokenId[]): Promise<readonly (string | undefined)[]> => {
    const found = new Array<string | undefined>(ids.length)
    for (const { place, document } of await select(binaryArrays.digestsOf(ids)))
      found[place - 1] = document ?? undefined
    return found
  }
}

function revokesOn(queryable: Queryable, { schema, prepare, synchronousCommit }: TokenPathOptions) {
  const upsert = prepared(
    queryable,
    `WITH ${durability(synchronousCommit)}
     INSERT INTO ${quotedSchema(schema)}.revocations AS known (id, expires_at)
     SELECT revocation.id, revocation.expires_at
     FROM durability, unnest($1::bytea[], $2::bigint[]) AS revocation (id, expires_at)
     ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at WHERE known.expires_at < excluded.expires_at`,
    prepare,
  )
  return async (revocations: readonly Revoking[]): Promise<readonly undefined[]> => {
    // One statement must not touch a row twice.
    const latest = new Map<string, Revoking>()
    for (const revocation of revocations) {
      const key = keyOf(revocation.digest)
      if ((latest.get(key)?.expiresAt ?? Number.NEGATIVE_INFINITY) < revocation.expiresAt) latest.set(key, revocation)
    }
    const rows = [...latest.values()].sort(inOrderOf(digestOf))
    await upsert(
      rows.map(digestOf),
      rows.map(({ expiresAt }) => expiresAt),
    )
    return revocations.map(() => undefined)
  }
}

function revokedOn(queryable: Queryable, { schema }: TokenPathOptions) {
  const select = planned<{ readonly id: Buffer }>(
    queryable,
    `SELECT id FROM ${quotedSchema(schema)}.revocations WHERE id = ANY ($1::bytea[])`,
  )
  return async (digests: readonly Buffer[]): Promise<readonly boolean[]> => {
    const revoked = new Set((await select(digests)).map(({ id }) => keyOf(id)))
    return digests.map((digest) => revoked.has(keyOf(digest)))
  }
}
