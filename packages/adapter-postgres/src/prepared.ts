import { createHash } from 'node:crypto'
import type { Queryable, Statement } from './queryable.ts'

/** A statement that waits for its values. */
export type Prepared<Row> = (...values: unknown[]) => Promise<readonly Row[]>

/**
 * Makes a statement of its text. Its name is made of the text too: two statements on one connection never share one,
 * whatever schema or options they are for.
 */
export function prepared<Row>(queryable: Queryable, text: string, prepare = true): Prepared<Row> {
  const name = `latchkey_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`
  const named: Pick<Statement, 'name' | 'text'> = prepare ? { name, text } : { text }
  return async (...values) => (await queryable.query({ ...named, values })).rows as readonly Row[]
}
