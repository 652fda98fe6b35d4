import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import type { IsReachable } from './reachable-addresses.ts'

/** All addresses of a host, in the order in which they are to be tried. */
export type ResolveHost = (host: string) => Promise<readonly LookupAddress[]>

/** What {@link openCheckedConnection} takes. */
export interface CheckedConnectionDeps {
  readonly resolve: ResolveHost
  readonly isReachable: IsReachable
  /** The certificates to trust; those of Node where it is absent. */
  readonly ca?: readonly string[] | undefined
}

/** Where a connection is to lead. */
export interface Destination {
  /** A name or an address, without brackets. */
  readonly host: string
  readonly port: number
  readonly signal: AbortSignal
}

/**
 * Opens a TLS connection to a host, if all of its addresses may be connected to. The name is looked up once; the connection
 * goes to the address that was checked, so that a name server cannot answer one thing for the check and another for the
 * connection. The certificate is checked against the name.
 *
 * @throws when an address must not be connected to, or none answers.
 */
export async function openCheckedConnection(
  { host, port, signal }: Destination,
  { resolve, isReachable, ca }: CheckedConnectionDeps,
): Promise<TLSSocket> {
  const isName = isIP(host) === 0
  const addresses = isName ? (await resolve(host)).map(({ address }) => address) : [host]
  // All of them: a name that has a public address beside an inner one was given it to get past this check.
  if (addresses.length === 0 || !addresses.every(isReachable))
    throw new Error('its host has an address that is not of the public network')
  let failure: unknown
  for (const address of addresses) {
    signal.throwIfAborted()
    try {
      return await secured({ address, name: isName ? host : undefined, port, signal, ca })
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

interface Securing {
  readonly address: string
  readonly name: string | undefined
  readonly port: number
  readonly signal: AbortSignal
  readonly ca: readonly string[] | undefined
}

function secured({ address, name, port, signal, ca }: Securing): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address,
      port,
      ...(name !== undefined && { servername: name }),
      ALPNProtocols: ['http/1.1'],
      ...(ca && { ca: [...ca] }),
    })
    const end = (error: unknown): void => {
      signal.removeEventListener('abort', giveUp)
      socket.destroy()
      reject(error instanceof Error ? error : new Error('the connection failed'))
    }
    const giveUp = (): void => end(signal.reason)
    signal.addEventListener('abort', giveUp, { once: true })
    // It stays: an error that comes before somebody else listens would end the process.
    socket.on('error', end)
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', giveUp)
      resolve(socket)
    })
  })
}
