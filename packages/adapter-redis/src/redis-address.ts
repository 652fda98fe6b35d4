import { ALLOW_EVICTION } from './fitness.ts'
import { createKeys, DEFAULT_PREFIX } from './keys.ts'

/** Where a node or a Sentinel listens. */
export interface Node {
  readonly host: string
  readonly port: number
}

/** What a `redis:` address says. */
export interface RedisAddress {
  /** What listens at {@link nodes}: one server, some nodes of a Cluster, or Sentinels that know the name of a primary. */
  readonly topology: 'standalone' | 'cluster' | { readonly sentinelName: string }
  readonly nodes: readonly [Node, ...Node[]]
  readonly tls: boolean
  readonly username?: string
  readonly password?: string
  readonly database: number
  readonly prefix: string
  readonly waitReplicas: number
  readonly allowEviction: boolean
}

const PARAMETERS = ['cluster', 'sentinel', 'node', 'prefix', 'wait_replicas', ALLOW_EVICTION] as const
type Parameter = (typeof PARAMETERS)[number]

const DEFAULT_PORT = 6379
const DEFAULT_SENTINEL_PORT = 26_379

/**
 * Reads an address such as `redis://user:password@host:6379/0?prefix=latchkey`.
 *
 * @throws Error that names what is wrong, and holds no password.
 */
export function readAddress(url: URL): RedisAddress {
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:')
    throw new Error(`the Redis adapter opens redis: and rediss: addresses, not ${url.protocol}`)
  checkNames(url)
  const sentinelName = one(url, 'sentinel')
  const cluster = flag(url, 'cluster')
  if (cluster && sentinelName !== undefined) throw new Error('redis: takes "cluster" or "sentinel", not both')
  if (sentinelName === '') throw new Error('redis: takes the name of a primary as its parameter "sentinel"')
  const topology = cluster ? 'cluster' : sentinelName === undefined ? 'standalone' : { sentinelName }
  const database = databaseOf(url)
  if (cluster && database !== 0) throw new Error('a Redis Cluster has database 0 alone')
  const prefix = one(url, 'prefix') ?? DEFAULT_PREFIX
  createKeys(prefix)
  return {
    topology,
    nodes: nodesOf(url, topology),
    tls: url.protocol === 'rediss:',
    ...(url.username !== '' && { username: decoded(url.username) }),
    ...(url.password !== '' && { password: decoded(url.password) }),
    database,
    prefix,
    waitReplicas: waitReplicasOf(url),
    allowEviction: flag(url, ALLOW_EVICTION),
  }
}

function checkNames(url: URL): void {
  for (const name of url.searchParams.keys()) {
    if (!PARAMETERS.some((known) => known === name))
      throw new Error(`redis: has no parameter "${name}"; it has ${PARAMETERS.map((known) => `"${known}"`).join(', ')}`)
    if (name !== 'node' && url.searchParams.getAll(name).length > 1)
      throw new Error(`redis: takes the parameter "${name}" once`)
  }
  if (url.hash !== '') throw new Error('a redis: address has no part behind a #')
}

const one = (url: URL, name: Parameter): string | undefined => url.searchParams.get(name) ?? undefined

function flag(url: URL, name: Parameter): boolean {
  const value = one(url, name) ?? 'false'
  if (value !== 'true' && value !== 'false') throw new Error(`redis: takes true or false as its parameter "${name}"`)
  return value === 'true'
}

function waitReplicasOf(url: URL): number {
  const value = one(url, 'wait_replicas') ?? '0'
  if (!/^(?:0|[1-9][0-9]?)$/.test(value))
    throw new Error('redis: takes a whole number from 0 to 99 as its parameter "wait_replicas"')
  return Number(value)
}

function databaseOf({ pathname }: URL): number {
  const match = /^\/?(?<database>0|[1-9][0-9]{0,4})?$/.exec(pathname)
  if (match === null) throw new Error('the path of a redis: address is the number of a database, as in /0')
  return Number(match.groups?.['database'] ?? 0)
}

function nodesOf(url: URL, topology: RedisAddress['topology']): RedisAddress['nodes'] {
  const port = typeof topology === 'object' ? DEFAULT_SENTINEL_PORT : DEFAULT_PORT
  const named = url.searchParams.getAll('node').map((node) => nodeOf(node, port))
  if (topology === 'standalone' && named.length > 0)
    throw new Error('redis: takes "node" beside "cluster" or "sentinel" alone')
  const host = unbracketed(url.hostname)
  const own = host === '' ? [] : [{ host, port: url.port === '' ? port : Number(url.port) }]
  const [first, ...others] = [...own, ...named]
  if (first === undefined) throw new Error('a redis: address names a host, as in redis://localhost:6379')
  return [first, ...others]
}

const NODE_PATTERN = /^(?<host>\[[0-9a-f:.]+\]|[A-Za-z0-9._-]+)(?::(?<port>[1-9][0-9]{0,4}))?$/i

function nodeOf(text: string, defaultPort: number): Node {
  const { host, port = defaultPort } = NODE_PATTERN.exec(text)?.groups ?? {}
  // The text is not repeated: who writes a password to the wrong place does so here.
  if (host === undefined || Number(port) > 65_535) throw new Error('redis: takes host:port as its parameter "node"')
  return { host: unbracketed(host), port: Number(port) }
}

const unbracketed = (host: string): string => host.replace(/^\[|\]$/g, '')

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error('the user name and the password of a redis: address must be percent-encoded')
  }
}
