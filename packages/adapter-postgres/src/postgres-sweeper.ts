import { setTimeout as pause } from 'node:timers/promises'
import type { EpochSeconds, Sweeper } from '@latchkey/core'
import type { Queryable } from './queryable.ts'
import { quotedSchema, type SchemaOptions } from './schema.ts'
import { planned } from './statements.ts'

/** How many rows one statement forgets: a few milliseconds of work. */
const STEP = 1000

/**
 * How many times as long as a step took it rests afterwards. Without rests, and with rests of one, the tokens that are
 * issued meanwhile would be fewer by a quarter and by a sixth.
 */
const REST = 4

/** What one step answers; Postgres tells bigint as text. */
interface Step {
  readonly forgotten: number
  readonly last: string | null
}

/** Tokens first: a token must not outlive the revocation that keeps it from coming back. */
const SWEPT = ['tokens', 'revocations', 'claims', 'status_lists'] as const

/**
 * Forgets what has expired in steps of a thousand rows, and rests between them for four times as long as the one
 * before took. Rows that another node is forgetting at the same time are left to it: any number of nodes may sweep at once.
 *
 * @throws TypeError when the schema is no name that Latchkey takes.
 */
export function createPostgresSweeper(queryable: Queryable, { schema }: Pick<SchemaOptions, 'schema'> = {}): Sweeper {
  const quoted = quotedSchema(schema)
  // From where the last step ended: what it deleted stays in the index until a vacuum, and would be read again.
  const steps = SWEPT.map((table) =>
    planned<Step>(
      queryable,
      `WITH forgotten AS (
         DELETE FROM ${quoted}.${table} WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM ${quoted}.${table}
           WHERE expires_at < $1 AND expires_at >= $2
           ORDER BY expires_at LIMIT ${STEP} FOR UPDATE SKIP LOCKED
         ))
         RETURNING expires_at
       )
       SELECT count(*)::int AS forgotten, max(expires_at) AS last FROM forgotten`,
    ),
  )

  return {
    async sweep(now) {
      let sum = 0
      for (const step of steps) sum += await sweepTable(step, now)
      return sum
    },
  }
}

async function sweepTable(step: (now: EpochSeconds, from: string) => Promise<readonly Step[]>, now: EpochSeconds) {
  let sum = 0
  let from = '-9223372036854775808'
  for (;;) {
    const startedAt = performance.now()
    const [{ forgotten, last } = { forgotten: 0, last: null }] = await step(now, from)
    sum += forgotten
    if (forgotten < STEP) return sum
    from = last ?? from
    await pause((performance.now() - startedAt) * REST)
  }
}
