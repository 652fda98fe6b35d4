import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Watches connections on which no request has come yet. Node counts them as busy, so that a load balancer's connection in
 * reserve would hold up the end of the process.
 *
 * @returns a function that closes them.
 */
export function watchSilentConnections(server: Server, event: 'connection' | 'secureConnection'): () => void {
  const silent = new Set<Socket>()
  server.on(event, (socket: Socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  server.on('request', ({ socket }) => silent.delete(socket))
  return () => {
    for (const socket of silent) socket.destroy()
  }
}
