/** How durable a commit is before it is acknowledged: the words of Postgres for `synchronous_commit`. */
export type SynchronousCommit = 'on' | 'off' | 'local' | 'remote_write' | 'remote_apply'

export const SYNCHRONOUS_COMMITS: readonly SynchronousCommit[] = ['on', 'off', 'local', 'remote_write', 'remote_apply']

/**
 * A part of a `WITH`, from which the statement must read: it sets how durable its own commit is. In the statement and not
 * in the session, so that it needs no second round trip and no connection of its own.
 *
 * Unless something else is wanted, the server's own setting counts, except `off`: what is acknowledged shall be there
 * after a crash.
 */
export function durability(wanted?: SynchronousCommit): string {
  const current = "current_setting('synchronous_commit')"
  const value = wanted === undefined ? `CASE ${current} WHEN 'off' THEN 'on' ELSE ${current} END` : `'${wanted}'`
  return `durability AS MATERIALIZED (SELECT set_config('synchronous_commit', ${value}, true))`
}
