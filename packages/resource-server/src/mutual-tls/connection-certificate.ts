import type { CarriedRequest } from '../carried-request.ts'

/** What Node's `TLSSocket` has of this, and a plain connection has not. */
interface Connection {
  getPeerCertificate?(detailed: boolean): { readonly raw?: Uint8Array } | null
}

// Node parses a certificate anew each time that it is asked. Only what was found is kept: a connection may be asked for one
// later on.
const known = new WeakMap<object, Uint8Array>()

/**
 * The certificate that the client proved to hold when the TLS connection of a request was made, in DER; `undefined` where Node
 * has not asked for one, did not get one, or did not make the connection itself.
 */
export function connectionCertificate(request: CarriedRequest): Uint8Array | undefined {
  const socket: Connection | undefined = 'socket' in request ? request.socket : undefined
  if (typeof socket?.getPeerCertificate !== 'function') return undefined
  const read = known.get(socket)
  if (read !== undefined) return read
  // An empty object where there is none, and null where the connection has ended.
  const der = socket.getPeerCertificate(false)?.raw
  if (der !== undefined) known.set(socket, der)
  return der
}
