/** A statement as `pg` takes it. */
export interface Statement {
  /** A statement with a name is prepared once for each connection. */
  readonly name?: string
  readonly text: string
  readonly values?: unknown[]
  /** How long the answer is waited for, in milliseconds, over what the connection says. */
  readonly query_timeout?: number
}

/** What `pg` answers, as far as it is used here. */
export interface Answer {
  readonly rows: readonly unknown[]
}

/** The part of `pg.Pool` that the ports use. A `pg.Client` has it too. */
export interface Queryable {
  query(statement: Statement): Promise<Answer>
}

/** A connection that is lent, for transactions. */
export interface LentConnection extends Queryable {
  /** Gives it back; `true` when it is to be thrown away. */
  release(destroy?: boolean): void
}

/** The part of `pg.Pool` that migrations use. */
export interface ConnectionSource {
  connect(): Promise<LentConnection>
}
