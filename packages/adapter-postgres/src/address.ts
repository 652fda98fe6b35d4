import type { ClientConfig, PoolConfig } from 'pg'
import type { SynchronousCommit } from './durability.ts'
import { SYNCHRONOUS_COMMITS } from './durability.ts'
import { DEFAULT_SCHEMA, quotedSchema } from './schema.ts'

/** What an address says. */
export interface Address {
  readonly pool: PoolConfig
  /** How to reach the database for listening, where the address itself leads to a pooler. */
  readonly listen: ClientConfig | undefined
  readonly schema: string
  readonly prepare: boolean
  readonly synchronousCommit: SynchronousCommit | undefined
  /** How often the adapter sweeps itself, in seconds; 0 is never. */
  readonly sweepInterval: number
}

type Read<Value> = (text: string) => Value

/** A parameter that is wrong; its name is put before the message. */
const wrong = (message: string): Error => new Error(message)

const seconds =
  (most: number): Read<number> =>
  (text) => {
    const value = Number(text)
    if (!/^[0-9]+(?:\.[0-9]+)?$/.test(text) || value > most)
      throw wrong(`must be a number of seconds from 0 to ${most}`)
    return value
  }

const whole =
  (least: number, most: number): Read<number> =>
  (text) => {
    const value = Number(text)
    if (!/^[0-9]{1,6}$/.test(text) || value < least || value > most)
      throw wrong(`must be a whole number from ${least} to ${most}`)
    return value
  }

const oneOf =
  <Word extends string>(words: readonly Word[]): Read<Word> =>
  (text) => {
    const word = words.find((known) => known === text)
    if (word === undefined) throw wrong(`must be one of ${words.join(', ')}`)
    return word
  }

const yesOrNo: Read<boolean> = (text) => oneOf(['true', 'false'])(text) === 'true'
const anything: Read<string> = (text) => text

const schemaName: Read<string> = (text) => {
  try {
    quotedSchema(text)
    return text
  } catch {
    throw wrong('must be 1 to 40 small letters, digits and "_", not begin with a digit or "pg_"')
  }
}

/** The parameters that `pg` reads itself. */
const PASSED_ON: Readonly<Record<string, Read<string>>> = {
  host: anything,
  application_name: anything,
  sslmode: oneOf(['disable', 'no-verify', 'prefer', 'require', 'verify-ca', 'verify-full']),
  sslcert: anything,
  sslkey: anything,
  sslrootcert: anything,
  sslnegotiation: oneOf(['postgres', 'direct']),
  uselibpqcompat: oneOf(['true', 'false']),
}

const OWN = [
  'schema',
  'pool_size',
  'connect_timeout',
  'statement_timeout',
  'idle_timeout',
  'synchronous_commit',
  'prepare',
  'listen',
  'sweep_interval',
]

/**
 * The service answers within three seconds, and gives a port up after two and a half: whatever the database does, a
 * connection has said so by then.
 */
const DEFAULT_CONNECT_TIMEOUT = 1
const DEFAULT_STATEMENT_TIMEOUT = 2
/** How much later than the database itself the connection is given up, in milliseconds. */
const GRACE = 250

/** @throws Error that names the parameter which is unknown, given twice or wrong, and repeats nothing of the address. */
export function readAddress(url: URL): Address {
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:')
    throw new Error(`the Postgres adapter opens postgres: addresses, not ${url.protocol}`)
  const known = [...OWN, ...Object.keys(PASSED_ON)]
  for (const name of new Set(url.searchParams.keys())) {
    if (!known.includes(name)) throw new Error(`postgres: has no parameter "${name}"; it has ${known.join(', ')}`)
    if (url.searchParams.getAll(name).length > 1) throw new Error(`postgres: takes the parameter "${name}" once`)
  }
  for (const [name, read] of Object.entries(PASSED_ON)) parameter(url, name, read)

  const statementTimeout = parameter(url, 'statement_timeout', seconds(60)) ?? DEFAULT_STATEMENT_TIMEOUT
  const connectTimeout = parameter(url, 'connect_timeout', seconds(60)) ?? DEFAULT_CONNECT_TIMEOUT
  const server: ClientConfig = {
    connectionString: serverOf(url),
    fallback_application_name: 'latchkey',
    keepAlive: true,
    connectionTimeoutMillis: connectTimeout * 1000,
  }
  const limits: ClientConfig = {
    // Where the database is not to be told, the connection is still given up in time.
    query_timeout: (statementTimeout || DEFAULT_STATEMENT_TIMEOUT) * 1000 + GRACE,
    ...(statementTimeout > 0 && { statement_timeout: statementTimeout * 1000 }),
  }
  return {
    pool: {
      ...server,
      ...limits,
      max: parameter(url, 'pool_size', whole(1, 1000)) ?? 10,
      idleTimeoutMillis: (parameter(url, 'idle_timeout', seconds(86_400)) ?? 30) * 1000,
    },
    listen: parameter(url, 'listen', (text) => ({ ...server, connectionString: directAddress(url, text) })),
    schema: parameter(url, 'schema', schemaName) ?? DEFAULT_SCHEMA,
    prepare: parameter(url, 'prepare', yesOrNo) ?? true,
    synchronousCommit: parameter(url, 'synchronous_commit', oneOf(SYNCHRONOUS_COMMITS)),
    sweepInterval: parameter(url, 'sweep_interval', seconds(86_400)) ?? 60,
  }
}

function parameter<Value>(url: URL, name: string, read: Read<Value>): Value | undefined {
  const text = url.searchParams.get(name)
  if (text === null) return undefined
  try {
    return read(text)
  } catch (error) {
    throw new Error(`postgres: the parameter "${name}" ${error instanceof Error ? error.message : 'is wrong'}`)
  }
}

/** The address as `pg` reads it: without the parameters that are ours. */
function serverOf(url: URL): string {
  const server = new URL(url)
  for (const name of OWN) server.searchParams.delete(name)
  return server.href
}

/** `host:port` of the same database for the same role, or a whole address. */
function directAddress(url: URL, text: string): string {
  if (/^postgres(?:ql)?:\/\//.test(text) && URL.canParse(text)) return text
  if (!/^(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?$/.test(text))
    throw wrong('must be host:port, or a whole address that begins with postgres://')
  const direct = new URL(serverOf(url))
  direct.host = text.includes(':', text.lastIndexOf(']') + 1) ? text : `${text}:5432`
  direct.searchParams.delete('host')
  return direct.href
}
