import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { pinned } from './server-process.mjs'

const ROOT = new URL('..', import.meta.url).pathname
const PEERS = [
  'oidc-provider',
  '@node-oauth/oauth2-server',
  'express',
  '@jmondi/oauth2-server',
  'fastify',
  '@better-auth/oauth-provider',
  'better-auth',
]

/** Where, when and at which commit something is measured, in the words of the page. */
export function circumstances({ rounds, seconds, tokens }) {
  return {
    at: `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    commit: commit(),
    rounds,
    seconds,
    tokens,
    processor: cpus()[0]?.model ?? 'unknown processor',
    cores: availableParallelism(),
    gigabytes: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    pinned,
    versions: Object.fromEntries(PEERS.map((name) => [name, versionOf(name)])),
  }
}

/** The commit, and whether what is measured differs from it. */
function commit() {
  const git = (...args) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
  try {
    const changed = git('status', '--porcelain', '--', 'packages', 'bench', 'pnpm-lock.yaml') !== ''
    return `${git('rev-parse', '--short=10', 'HEAD')}${changed ? ', and changes' : ''}`
  } catch {
    return 'unknown'
  }
}

function versionOf(name) {
  const require = createRequire(import.meta.url)
  for (const folder of require.resolve.paths(name)) {
    try {
      return JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8')).version
    } catch {
      // It is in another folder.
    }
  }
  return 'unknown'
}
