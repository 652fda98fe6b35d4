import { createConnection, createServer } from 'node:net'

/**
 * @typedef {import('node:net').Socket} Socket
 * @typedef {'pass' | 'swallow' | 'refuse'} Mode
 */

/**
 * A network that fails on demand, between a client and a server on this machine.
 *
 * @param {{ readonly to: number }} options the port of the server
 */
export async function startFaultProxy({ to }) {
  /** @type {Mode} */
  let mode = 'pass'
  let delayMs = 0
  /** @type {Set<Socket>} */
  const sockets = new Set()

  const server = createServer((inner) => {
    if (mode === 'refuse') {
      inner.resetAndDestroy()
      return
    }
    const outer = createConnection({ port: to, host: '127.0.0.1' })
    forward(inner, outer)
    forward(outer, inner)
  })

  /**
   * @param {Socket} from
   * @param {Socket} into
   */
  const forward = (from, into) => {
    sockets.add(from)
    from.setNoDelay(true)
    from.on('error', () => into.destroy())
    from.on('close', () => {
      sockets.delete(from)
      into.destroy()
    })
    from.on('data', (chunk) => {
      if (mode === 'swallow') return
      if (delayMs === 0) into.write(chunk)
      else setTimeout(() => !into.destroyed && mode !== 'swallow' && into.write(chunk), delayMs)
    })
  }

  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }

  await new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(undefined))
  })
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())

  return {
    port,
    /** How many connections there are. */
    get connections() {
      return sockets.size / 2
    },
    /**
     * Each way takes so much longer.
     *
     * @param {number} ms
     */
    delay(ms) {
      delayMs = ms
    },
    /** Resets every connection there is; new ones are served. */
    cut,
    /** Accepts connections and bytes from now on, and lets none of them through, either way. */
    swallow() {
      mode = 'swallow'
    },
    /** Resets every connection there is, and every new one. */
    refuse() {
      mode = 'refuse'
      cut()
    },
    /** A good network again. Connections whose bytes were swallowed are reset: their two ends no longer agree. */
    heal() {
      if (mode === 'swallow') cut()
      mode = 'pass'
      delayMs = 0
    },
    /** @returns {Promise<void>} */
    stop() {
      cut()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
