/**
 * Outlives the process of the tests by a moment, to end the servers that it started and to remove what they wrote. The
 * standard input closes when that process ends, be it by `kill -9`, by Ctrl-C or by a worker thread that is let go.
 */
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { killTree } from './process-tree.mjs'

/** @type {Map<string, Set<number>>} */
const kept = new Map()

// A signal for the whole group of the terminal is no business of the keeper: its input tells when the end has come.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => undefined)

for await (const line of createInterface({ input: process.stdin })) {
  /** @type {{ keep?: string, pid?: number, ended?: number, forget?: string }} */
  const { keep, pid, ended, forget } = JSON.parse(line)
  if (keep !== undefined) kept.set(keep, (kept.get(keep) ?? new Set()).add(pid ?? 0))
  if (ended !== undefined) for (const pids of kept.values()) pids.delete(ended)
  if (forget !== undefined) kept.delete(forget)
}

for (const pids of kept.values()) for (const pid of pids) killTree(pid)
for (const directory of kept.keys()) rmSync(directory, { recursive: true, force: true, maxRetries: 20 })
