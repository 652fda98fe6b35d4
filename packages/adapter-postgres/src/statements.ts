import { createHash } from 'node:crypto'
import type { Queryable, Statement } from './queryable.ts'

/** A statement that waits for its values. */
export type Ask<Row> = (...values: unknown[]) => Promise<readonly Row[]>

/**
 * A statement that is planned once for each connection. Its name is made of its text: two statements on one connection
 * never share one, whatever schema or options they are for.
 */
export function prepared<Row>(queryable: Queryable, text: string, prepare = true): Ask<Row> {
  const name = `latchkey_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`
  const named: Pick<Statement, 'name' | 'text'> = prepare ? { name, text } : { text }
  return asking(queryable, named)
}

/**
 * A statement that is planned each time, which costs a look-up a tenth. A plan that was kept from when the table was small
 * would read all of it, until the database happens to count its rows anew.
 */
export function planned<Row>(queryable: Queryable, text: string): Ask<Row> {
  return asking(queryable, { text })
}

const asking =
  <Row>(queryable: Queryable, statement: Pick<Statement, 'name' | 'text'>): Ask<Row> =>
  async (...values) =>
    (await queryable.query({ ...statement, values })).rows as readonly Row[]
