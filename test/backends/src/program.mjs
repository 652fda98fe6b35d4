import { privateDirectory, privateServer, removeDirectory } from './private-server.mjs'

/**
 * @typedef {object} RunningProgram
 * @property {() => Promise<void>} start again, after a kill; resolves once it is ready
 * @property {() => Promise<void>} kill SIGKILL
 * @property {() => Promise<void>} stop ends it and removes everything
 * @property {() => string} log the end of what it has written
 */

/**
 * Runs a program of the caller's as a process that can be killed and started again, and that ends with this one.
 *
 * @param {object} options
 * @param {string} options.file
 * @param {readonly string[]} options.args
 * @param {Readonly<Record<string, string | undefined>>} options.environment
 * @param {() => Promise<boolean>} options.isReady
 * @returns {Promise<RunningProgram>}
 */
export async function startProgram({ file, args, environment, isReady }) {
  const directory = privateDirectory('program')
  const { start, kill, log } = privateServer({ file, args, directory, environment, isReady })
  const stop = async () => {
    await kill()
    await removeDirectory(directory)
  }
  try {
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  return { start, kill, stop, log }
}
