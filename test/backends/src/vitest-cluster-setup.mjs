import { startRedisCluster } from './redis-cluster.mjs'

/**
 * Starts a Redis Cluster for the projects of Vitest whose tests are given one.
 *
 * @param {import('vitest/node').TestProject} project
 */
export async function setup(project) {
  const { addresses, stop } = await startRedisCluster()
  project.provide('redisCluster', addresses)
  return stop
}
