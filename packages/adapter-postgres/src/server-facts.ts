import type { Client } from 'pg'
import type { Address } from './address.ts'
import { isPooled } from './listening.ts'

/** What the server says of itself, as far as an operator should know it. */
export interface ServerFacts {
  readonly pooled: boolean
  readonly fsync: string
}

/** Asks the server once, on a connection that is thrown away; `undefined` when it is away. */
export async function lookAtServer(connection: Client): Promise<ServerFacts | undefined> {
  connection.on('error', () => undefined)
  try {
    await connection.connect()
    const { rows } = await connection.query<{ fsync: string }>(`SELECT current_setting('fsync') AS fsync`)
    return { pooled: await isPooled(connection), fsync: rows[0]?.fsync ?? '' }
  } catch {
    return undefined
  } finally {
    void connection.end().catch(() => undefined)
  }
}

/** A sentence for each thing that an operator should know before relying on it. */
export function warningsAbout(
  { synchronousCommit, listen }: Pick<Address, 'synchronousCommit' | 'listen'>,
  facts: ServerFacts | undefined,
): readonly string[] {
  const warnings: string[] = []
  if (synchronousCommit === 'off')
    warnings.push(
      'synchronous_commit=off: a crash of the database forgets tokens, revocations and claims of the last moment that were acknowledged',
    )
  if (facts?.fsync === 'off')
    warnings.push('fsync is off on the database server: a crash of its machine may destroy everything in it')
  if (facts?.pooled === true && listen === undefined)
    warnings.push(
      'the database is reached through a pooler and the address has no parameter "listen": nodes do not hear of changed clients, so the bound of their cache applies',
    )
  return warnings
}
