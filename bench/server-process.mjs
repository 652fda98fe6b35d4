import { execFileSync, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { availableParallelism, devNull } from 'node:os'

/** Pinning needs Linux, `taskset` and a second core; without them server and load share what there is, and the page says so. */
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

const running = new Set()

// None outlives a run that fails or is interrupted.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * Starts a server on the first core in production mode, its standard output into a file, without waiting for it.
 *
 * @param {{ args: string[], env?: Record<string, string>, log?: string, cores?: 'first' | 'all' }} command
 */
export function spawnServer({ args, env = {}, log = devNull, cores = 'first' }) {
  const [command, commandArgs] = cores === 'first' ? onCore(0, args) : [process.execPath, args]
  const output = openSync(log, 'a')
  const child = spawn(command, commandArgs, {
    env: { ...process.env, NODE_ENV: 'production', ...env },
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  running.add(child)
  child.once('exit', () => running.delete(child))
  return {
    child,
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve()
        child.once('exit', resolve)
        child.kill('SIGTERM')
      }),
  }
}

/** The same, and waits until it answers. */
export async function startServer({ url, log, ...command }) {
  const { child, stop } = spawnServer({ ...command, log })
  for (const deadline = Date.now() + 60_000; !(await answers(url)); ) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop()
      const said = log === undefined ? '' : `: ${readFileSync(log, 'utf8').slice(-2000)}`
      throw new Error(`the server behind ${url} did not start${said}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return { cpuSeconds: () => cpuSecondsOf(child.pid), stop }
}

const answers = (url) =>
  fetch(url).then(
    () => true,
    () => false,
  )

/** User and system time of a process with all its threads, and of its workers. Linux counts it in hundredths of a second. */
function cpuSecondsOf(pid) {
  try {
    const [, fields] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')
    const [userTicks, systemTicks] = fields.split(' ').slice(11, 13)
    const list = `/proc/${pid}/task/${pid}/children`
    const workers = existsSync(list) ? readFileSync(list, 'latin1').split(' ').filter(Boolean) : []
    const own = (Number(userTicks) + Number(systemTicks)) / 100
    return workers.reduce((sum, worker) => sum + cpuSecondsOf(worker), own)
  } catch {
    return Number.NaN
  }
}
