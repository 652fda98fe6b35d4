import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { servesPostgres, servesRedis } from './answers.mjs'
import { findBinaries, installBinaries, mayInstall } from './binaries.mjs'
import { decideBackend } from './decide-backends.mjs'
import { startPostgres } from './postgres-server.mjs'
import { startRedis } from './redis-server.mjs'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** @type {import('./decide-backends.mjs').Machine} */
const thisMachine = {
  environment: process.env,
  answers: (name, url) => (name === 'postgres' ? servesPostgres(url) : servesRedis(url)),
  binaries: findBinaries,
  startPrivate: (name) =>
    name === 'postgres' ? startPostgres({ settings: { max_connections: '300' } }) : startRedis(),
  hasDocker: () => spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 }).status === 0,
  composeUp,
  mayInstall,
  install: installBinaries,
}

/**
 * The Postgres and the Redis of this run: see `decideBackend` for the ways. They may be shared with whoever else uses
 * them, so a test keeps to a schema or a key prefix of its own, and removes it.
 *
 * @param {import('./decide-backends.mjs').Machine} [machine]
 */
export async function findBackends(machine = thisMachine) {
  const settled = await Promise.allSettled([decideBackend('postgres', machine), decideBackend('redis', machine)])
  const [postgres, redis] = settled
  const stop = async () => {
    for (const result of settled) if (result.status === 'fulfilled') await result.value.stop()
  }
  if (postgres.status === 'fulfilled' && redis.status === 'fulfilled')
    return { postgres: told(postgres.value), redis: told(redis.value), stop }
  await stop()
  const reasons = settled.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []))
  throw new Error(reasons.join('\n'))
}

/** @param {import('./decide-backends.mjs').Found} found */
function told({ url, way }) {
  return { url, way }
}

/** @param {import('./binaries.mjs').BackendName} name */
function composeUp(name) {
  const compose = (/** @type {string[]} */ ...args) =>
    spawnSync('docker', ['compose', ...args, name], { cwd: root, encoding: 'utf8' })
  const { status, stderr, error } = compose('up', '--wait', '--detach')
  if (status !== 0) throw new Error(`docker compose up --wait ${name} failed:\n${error?.message ?? stderr}`)
  return {
    async stop() {
      compose('stop')
    },
  }
}
