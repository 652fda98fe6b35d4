import { constants } from 'node:crypto'
import type { SecureContextOptions } from 'node:tls'
import { ticketKeysOf } from './ticket-keys.ts'

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
  /** What several processes on one port make the keys of session tickets of, so that each resumes what another began. */
  readonly ticketSecret?: Uint8Array | undefined
}

/** What of the settings a server can be given anew while it serves: TLS 1.2 and later. */
export const secureContextOf = (settings: TlsSettings): SecureContextOptions => ({
  cert: settings.cert,
  key: settings.key,
  ...(settings.ciphers !== undefined && { ciphers: settings.ciphers }),
  ...ticketKeysOf(settings),
  // Where nothing is said Node trusts the authorities of the public Web, which would let anybody prove a name.
  ca: settings.clientCertificates && (settings.clientCertificates.ca ?? []),
  minVersion: 'TLSv1.2',
  // Nobody becomes somebody else in the middle of a connection.
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
})
