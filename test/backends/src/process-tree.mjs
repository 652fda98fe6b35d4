import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/**
 * Ends a process and its children at once, as a machine that loses its power would: none of them can act on the end of
 * another. The parent is stopped first, so that it starts no further child meanwhile.
 *
 * @param {number} pid
 * @returns {number[]} the processes that were sent the signal
 */
export function killTree(pid) {
  if (pid <= 0 || !send(pid, 'SIGSTOP')) return []
  const doomed = [pid, ...childrenOf(pid)]
  for (const each of doomed) send(each, 'SIGKILL')
  return doomed
}

/**
 * Whether a process runs. One that has ended and that nobody has asked about yet does not.
 *
 * @param {number} pid
 */
export function isRunning(pid) {
  if (!send(pid, 0)) return false
  return statOf(pid)?.state !== 'Z'
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals | 0} signal
 */
function send(pid, signal) {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

/**
 * The processes that a process has started.
 *
 * @param {number} parent
 */
export function childrenOf(parent) {
  return allProcesses().flatMap((found) => (found.parent === parent ? [found.pid] : []))
}

/** @returns {{ pid: number, parent: number }[]} */
function allProcesses() {
  if (process.platform !== 'linux') {
    return execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((line) => {
        const [pid = '', parent = ''] = line.trim().split(/\s+/)
        return { pid: Number(pid), parent: Number(parent) }
      })
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = statOf(Number(name))
      return stat === undefined ? [] : [{ pid: Number(name), parent: stat.parent }]
    })
}

/**
 * What Linux tells of a process; `undefined` elsewhere, and when it is gone.
 *
 * @param {number} pid
 */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name of the program comes before, in parentheses, and may hold anything.
    const [state = '', parent = ''] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state, parent: Number(parent) }
  } catch {
    return undefined
  }
}
