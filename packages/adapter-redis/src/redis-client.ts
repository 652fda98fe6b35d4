import type { Cluster, Redis } from 'ioredis'

/** A ready client of ioredis: of one server, of what Sentinel names, or of a Cluster. */
export type RedisClient = Redis | Cluster

export const isCluster = (client: RedisClient): client is Cluster => 'nodes' in client

/** The connection to each primary. */
export const primariesOf = (client: RedisClient): readonly Redis[] =>
  isCluster(client) ? client.nodes('master') : [client]
