import { execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Pinning needs Linux, `taskset` and a second core; without them server and load share what there is, and the table says so. */
export const pinned = process.platform === 'linux' && availableParallelism() > 1 && hasTaskset()

function hasTaskset() {
  try {
    execFileSync('taskset', ['-V'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** The command that runs a Node program on one core. */
export const onCore = (core, args) =>
  pinned ? ['taskset', ['-c', String(core), process.execPath, ...args]] : [process.execPath, args]

/**
 * Starts a server on the first core, its standard output into a file, and waits until it answers.
 *
 * @param {{ args: string[], env?: Record<string, string>, url: string, log: number }} server
 */
export async function startServer({ args, env = {}, url, log }) {
  const [command, commandArgs] = onCore(0, args)
  const child = spawn(command, commandArgs, {
    env: { ...process.env, NODE_ENV: 'production', ...env },
    stdio: ['ignore', log, 'inherit'],
  })
  const deadline = Date.now() + 10_000
  while (!(await answers(url))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`the server behind ${url} did not start`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    cpuSeconds: () => [child.pid, ...childrenOf(child.pid)].reduce((sum, pid) => sum + cpuSecondsOf(pid), 0),
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', resolve)
        child.kill('SIGTERM')
      }),
  }
}

const answers = (url) =>
  fetch(url).then(
    () => true,
    () => false,
  )

/** The processes that a process has started. */
function childrenOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean)
  } catch {
    return []
  }
}

/** User and system time of a process with all its threads. Linux counts it in hundredths of a second. */
function cpuSecondsOf(pid) {
  try {
    const [, fields] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')
    const [userTicks, systemTicks] = fields.split(' ').slice(11, 13)
    return (Number(userTicks) + Number(systemTicks)) / 100
  } catch {
    return Number.NaN
  }
}
