/** What all ports on one schema have in common. */
export interface SchemaOptions {
  /** The schema that holds the tables. `latchkey` unless given. */
  readonly schema?: string
  /**
   * Whether statements are prepared under a name, once for each connection. True unless given; false is for a pooler that
   * does not know prepared statements.
   */
  readonly prepare?: boolean
}

export const DEFAULT_SCHEMA = 'latchkey'

/** Small letters alone, so that it is the same with quotes and without; short enough for the channel that is named after it. */
const SCHEMA_PATTERN = /^(?!pg_)[a-z_][a-z0-9_]{0,39}$/

/**
 * The schema, quoted for a statement.
 *
 * @throws TypeError when it is no name that Latchkey takes.
 */
export function quotedSchema(schema: string = DEFAULT_SCHEMA): string {
  if (!SCHEMA_PATTERN.test(schema))
    throw new TypeError('schema must be 1 to 40 small letters, digits and "_", not begin with a digit or "pg_"')
  return `"${schema}"`
}

/** The channel on which changes of the schema's clients are told. At most 63 bytes, beyond which Postgres cuts names off. */
export const channelOf = (schema: string = DEFAULT_SCHEMA): string => `latchkey_clients_${schema}`
