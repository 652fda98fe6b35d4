import type { EpochSeconds, ReplayGuard } from '@latchkey/core'
import { createBatcher } from './batcher.ts'
import { digestOfKey, inOrderOf, keyOf } from './digests.ts'
import { durability } from './durability.ts'
import type { TokenPathOptions } from './postgres-token-store.ts'
import type { Queryable } from './queryable.ts'
import { quotedSchema } from './schema.ts'
import { prepared } from './statements.ts'

interface Claiming {
  readonly digest: Buffer
  readonly expiresAt: EpochSeconds
}

/**
 * Keeps claims in the table `claims`, by the SHA-256 of their keys. A claim whose answer is lost with its connection may
 * have been written: its key does not pass again.
 *
 * @throws TypeError when the schema is no name that Latchkey takes.
 */
export function createPostgresReplayGuard(queryable: Queryable, options: TokenPathOptions = {}): ReplayGuard {
  const claim = createBatcher({ what: 'claims', run: claimsOn(queryable, options) })
  return { claim: (key, expiresAt) => claim({ digest: digestOfKey(key), expiresAt }) }
}

function claimsOn(queryable: Queryable, { schema, prepare, synchronousCommit }: TokenPathOptions) {
  const insert = prepared<{ readonly key_digest: Buffer }>(
    queryable,
    `WITH ${durability(synchronousCommit)}
     INSERT INTO ${quotedSchema(schema)}.claims (key_digest, expires_at)
     SELECT claim.key_digest, claim.expires_at
     FROM durability, unnest($1::bytea[], $2::bigint[]) AS claim (key_digest, expires_at)
     ON CONFLICT DO NOTHING
     RETURNING key_digest`,
    prepare,
  )
  return async (claims: readonly Claiming[]): Promise<readonly boolean[]> => {
    // Of two claims of one key in a batch the first may win, the other never.
    const first = new Map<string, Claiming>()
    for (const claim of claims) {
      const key = keyOf(claim.digest)
      if (!first.has(key)) first.set(key, claim)
    }
    const rows = [...first.values()].sort(inOrderOf(({ digest }) => digest))
    const inserted = await insert(
      rows.map(({ digest }) => digest),
      rows.map(({ expiresAt }) => expiresAt),
    )
    const winners = new Set(inserted.map(({ key_digest }) => first.get(keyOf(key_digest))))
    return claims.map((claim) => winners.has(claim))
  }
}
