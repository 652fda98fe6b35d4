import { spawn } from 'node:child_process'
import { chownSync, mkdtempSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isRunning, killTree } from './process-tree.mjs'

/**
 * @typedef {{ readonly uid?: number, readonly gid?: number }} Identity
 * @typedef {object} Program
 * @property {string} file
 * @property {readonly string[]} args
 * @property {string} directory where it runs and writes its log; the keeper removes it
 * @property {Identity} [identity] whom it runs as
 * @property {Readonly<Record<string, string | undefined>>} [environment] this process's own, unless given
 * @property {() => Promise<boolean>} isReady
 */

/** How long a server may take until it answers: recovery after a kill included, on a busy machine. */
const READY_WITHIN_MS = 60_000

/** @type {import('node:child_process').ChildProcess | undefined} */
let keeper

/**
 * A directory for one server, which is removed when this process ends, whoever else forgets to.
 *
 * @param {string} kind
 * @param {Identity} identity
 */
export function privateDirectory(kind, identity = {}) {
  const directory = mkdtempSync(join(tmpdir(), `latchkey-${kind}-`))
  tellKeeper({ keep: directory })
  if (identity.uid !== undefined) chownSync(directory, identity.uid, identity.gid ?? identity.uid)
  return directory
}

/**
 * Ends whatever still runs there, and removes it.
 *
 * @param {string} directory
 */
export async function removeDirectory(directory) {
  await rm(directory, { recursive: true, force: true, maxRetries: 20 })
  tellKeeper({ forget: directory })
}

/**
 * One process of a server, which can be ended and started again.
 *
 * @param {Program} program
 */
export function privateServer({ file, args, directory, identity = {}, environment = process.env, isReady }) {
  const log = join(directory, 'server.log')
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child

  return {
    get pid() {
      return child?.pid
    },
    /** Starts it, and resolves once it answers. */
    async start() {
      if (child !== undefined) throw new Error(`${file} runs already`)
      // A group of its own: Ctrl-C at the terminal is for the tests, which then end it.
      const started = spawn('/bin/sh', ['-c', 'exec "$@" >>"$0" 2>&1', log, file, ...args], {
        cwd: directory,
        env: environment,
        detached: true,
        stdio: 'ignore',
        ...identity,
      })
      child = started
      /** @type {Error | undefined} */
      let failure
      started.on('error', (error) => (failure = error))
      started.on('exit', (code, signal) => {
        failure ??= new Error(`${file} ended with ${signal ?? `exit code ${code}`}`)
        if (started.pid !== undefined) tellKeeper({ ended: started.pid })
        if (child === started) child = undefined
      })
      started.unref()
      if (started.pid !== undefined) tellKeeper({ keep: directory, pid: started.pid })
      const deadline = Date.now() + READY_WITHIN_MS
      while (failure === undefined && Date.now() < deadline) {
        if (await isReady().catch(() => false)) return
        await sleep(20)
      }
      throw new Error(`${failure?.message ?? `${file} does not answer`}\n${textOf(log)}`)
    },
    /** The end of what it has written. */
    log: () => textOf(log),
    /** Ends it and its children at once, without a chance to write anything more. */
    async kill() {
      const doomed = child?.pid === undefined ? [] : killTree(child.pid)
      while (doomed.some(isRunning)) await sleep(5)
      child = undefined
    },
  }
}

/** @param {string} path */
function textOf(path) {
  try {
    return readFileSync(path, 'utf8').slice(-4000)
  } catch {
    return ''
  }
}

/** @param {{ keep?: string, pid?: number, ended?: number, forget?: string }} message */
function tellKeeper(message) {
  if (keeper === undefined) {
    keeper = spawn(process.execPath, [fileURLToPath(new URL('keeper.mjs', import.meta.url))], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    keeper.unref()
    // Neither its pipe nor itself keeps this process alive.
    const pipe = /** @type {import('node:net').Socket} */ (keeper.stdin)
    pipe.unref()
    pipe.on('error', () => undefined)
  }
  keeper.stdin?.write(`${JSON.stringify(message)}\n`)
}
