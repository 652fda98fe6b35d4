import type { CarriedRequest } from '../carried-request.ts'
import { connectionCertificate } from './connection-certificate.ts'

/** How tokens are shown that are bound to a client certificate (RFC 8705 §3). */
export interface MutualTlsOptions {
  /**
   * The certificate that the client of a request holds, in DER; `undefined` where it has shown none. That of the TLS connection
   * by default, which Node must have made itself, with `requestCert`. It is called for tokens alone that are bound to a certificate.
   *
   * Behind a proxy that ends TLS it reads what the proxy says, and must make sure that the proxy said it: anybody can send a
   * header. The `request` is the `IncomingMessage` in Node, Express and Fastify, else the `Request`: name the type that is
   * yours. What it throws becomes a refusal.
   */
  certificateOf?(request: CarriedRequest): Uint8Array | undefined | Promise<Uint8Array | undefined>
}

/** The options with every default filled in. */
export type ResolvedMutualTls = Required<MutualTlsOptions>

/** @throws TypeError that names the option which is wrong. */
export function resolveMutualTls({ certificateOf = connectionCertificate }: MutualTlsOptions): ResolvedMutualTls {
  if (typeof certificateOf !== 'function') throw new TypeError('mutualTls.certificateOf must be a function')
  return { certificateOf }
}
