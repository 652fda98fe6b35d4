import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { ClientCertificate } from '@latchkey/core'

/** What a connection was made with. */
interface Shown {
  readonly certificate: ClientCertificate | undefined
  /** When it stops to prove names, in milliseconds of the epoch. */
  readonly until: number
}

const NOTHING: Shown = { certificate: undefined, until: 0 }

/**
 * Reads the certificates of connections to the service's own TLS, each once.
 *
 * @param hasAuthorities whether there are certificate authorities for clients; without them no certificate is verified.
 */
export function createConnectionCertificates(
  hasAuthorities: boolean,
): (socket: Socket) => ClientCertificate | undefined {
  const known = new WeakMap<Socket, Shown>()

  function look(socket: Socket): Shown {
    const { authorized, getPeerX509Certificate } = socket as Partial<TLSSocket>
    const x509 = getPeerX509Certificate?.call(socket as TLSSocket)
    // A session that is taken up again without a certificate counts as authorized all the same: TLS 1.3 cannot tell.
    if (x509 === undefined) return NOTHING
    return {
      certificate: { der: x509.raw, isVerified: hasAuthorities && authorized === true },
      until: Date.parse(x509.validTo),
    }
  }

  return (socket) => {
    let shown = known.get(socket)
    if (shown === undefined) {
      shown = look(socket)
      known.set(socket, shown)
    }
    const { certificate, until } = shown
    // Sessions are taken up again without a second look at the certificate, and connections live long.
    if (certificate?.isVerified === true && !(Date.now() < until)) return { ...certificate, isVerified: false }
    return certificate
  }
}
