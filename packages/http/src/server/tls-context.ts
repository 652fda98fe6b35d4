import { constants } from 'node:crypto'
import type { SecureContextOptions } from 'node:tls'

/** A certificate and its private key, as PEM. */
export interface TlsKeyPair {
  readonly cert: string
  readonly key: string
}

/** How clients are asked for certificates. */
export interface AskedCertificates {
  /** The authorities whose certificates prove names, as PEM; without them none does. */
  readonly ca: string | undefined
}

/** What the service serves https with. */
export interface TlsSettings extends TlsKeyPair {
  /** Absent where clients are not asked for certificates. */
  readonly clientCertificates?: AskedCertificates | undefined
  /** In the form of OpenSSL, where not all that Node allows are to be allowed. */
  readonly ciphers?: string | undefined
}

/** What of the settings a server can be given anew while it serves: TLS 1.2 and later. */
export const secureContextOf = ({ cert, key, clientCertificates, ciphers }: TlsSettings): SecureContextOptions => ({
  cert,
  key,
  ...(ciphers !== undefined && { ciphers }),
  // Where nothing is said Node trusts the authorities of the public Web, which would let anybody prove a name.
  ca: clientCertificates && (clientCertificates.ca ?? []),
  minVersion: 'TLSv1.2',
  // Nobody becomes somebody else in the middle of a connection.
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
})
