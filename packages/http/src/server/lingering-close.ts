import type { Socket } from 'node:net'

/** Long enough for an answer to be read by whoever was still writing. */
const LINGER_MS = 1000

/**
 * Ends a connection on which the peer may still be sending. A socket that is closed while bytes wait in it is reset, and
 * the reset can overtake the answer; so what arrives is thrown away for a moment (RFC 9112 §9.6).
 */
export function closeLingering(socket: Socket, lastWords = ''): void {
  socket.end(lastWords)
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
}

/** The same for a connection that Node closes by itself once the answer under way is written. */
export function lingerAfterAnswer(socket: Socket): void {
  socket.destroySoon = () => closeLingering(socket)
}
