import type { Server } from 'node:http'

/**
 * Lets connections end with an answer, rather than under a request: a client that keeps one open may be sending at the
 * very moment at which it is closed.
 *
 * @returns a function from whose call on each answer says `Connection: close` (RFC 9112 §9.6), whatever makes it.
 */
export function prepareLastAnswers(server: Server): () => void {
  let isEnding = false
  server.prependListener('request', (_request, response) => {
    if (isEnding) response.shouldKeepAlive = false
  })
  return () => {
    isEnding = true
  }
}
