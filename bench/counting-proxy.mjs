import { once } from 'node:events'
import { createConnection, createServer } from 'node:net'

/**
 * Stands between a client and a server on the loopback interface, and counts the round trips: how often the client speaks on
 * a connection after the server has.
 */
export async function startCountingProxy({ host, port: target }) {
  let roundTrips = 0
  const server = createServer((inner) => {
    const outer = createConnection({ host, port: target, noDelay: true })
    inner.setNoDelay(true)
    let isClientsTurn = true
    inner.on('data', (chunk) => {
      if (isClientsTurn) roundTrips += 1
      isClientsTurn = false
      outer.write(chunk)
    })
    outer.on('data', (chunk) => {
      isClientsTurn = true
      inner.write(chunk)
    })
    for (const [socket, other] of [
      [inner, outer],
      [outer, inner],
    ]) {
      socket.on('error', () => other.destroy())
      socket.on('close', () => other.destroy())
    }
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: server.address().port,
    count: () => roundTrips,
    close: () => server.close(),
  }
}
