/**
 * Real Postgres and Redis for the tests: those that are there, or private ones that a test may kill, fill and cut off; and
 * an nginx to stand before the service.
 * Everything that is started here ends with the process that asked for it, however that process ends.
 */

export { startFaultProxy } from './fault-proxy.mjs'
export { findBackends } from './find-backends.mjs'
export { freePort } from './free-port.mjs'
export { startNginx } from './nginx-server.mjs'
export { freshDatabase, freshPrefix, freshSchema } from './places.mjs'
export { startPostgres } from './postgres-server.mjs'
export { childrenOf, isRunning } from './process-tree.mjs'
export { startProgram } from './program.mjs'
export { startRedisCluster } from './redis-cluster.mjs'
export { startRedisSentinel } from './redis-sentinel.mjs'
export { startRedis } from './redis-server.mjs'
