import { createServer } from 'node:net'

/**
 * Below the ports that a system gives to outgoing connections, of which one may be open by the time the server starts.
 * The bus of a Redis Cluster listens on the port that lies 10 000 higher, and must lie below them too.
 */
const LOWEST = 12_000
const HIGHEST = 22_766
const BUS = 10_000

/** Ports that this process has given away already. */
const given = new Set()

/** A port that nobody listens on, nor on the one of its bus. */
export async function freePort() {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1))
    if (given.has(port) || !(await isFree(port)) || !(await isFree(port + BUS))) continue
    given.add(port)
    return port
  }
  throw new Error(`no port between ${LOWEST} and ${HIGHEST} is free`)
}

/** @param {number} port */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
