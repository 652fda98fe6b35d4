import type { IncomingMessage } from 'node:http'
import type { ClientCertificate } from '@latchkey/core'
import type { AskedCertificates } from '../server/tls-context.ts'
import type { IsTrusted } from '../server/trusted-proxies.ts'
import { createConnectionCertificates } from './certificate-of-connection.ts'
import { createForwardedCertificates, type ForwardedCertificates } from './forwarded-certificate.ts'

/** The certificate that whoever sent a request has shown. @throws OAuthError `invalid_request` when it cannot be told. */
export type CertificateOfRequest = (request: IncomingMessage) => ClientCertificate | undefined

/** What {@link createCertificateOfRequest} takes. */
export interface CertificateOfRequestDeps {
  /** How connections to the service's own TLS are asked, if they are. */
  readonly asked: AskedCertificates | undefined
  /** How trusted proxies tell, if they do. */
  readonly forwarded: ForwardedCertificates | undefined
  readonly isTrusted: IsTrusted
}

/**
 * Tells whose word counts for a certificate. Of a proxy that forwards them it is the header alone: the certificate of its
 * connection would be its own. Of everybody else it is the connection alone, and no header is looked at.
 */
export function createCertificateOfRequest(deps: CertificateOfRequestDeps): CertificateOfRequest {
  const { asked, forwarded, isTrusted } = deps
  const ofConnection = asked && createConnectionCertificates(asked.ca !== undefined)
  const ofProxy = forwarded && createForwardedCertificates(forwarded)
  return (request) =>
    ofProxy !== undefined && isTrusted(request.socket.remoteAddress) ? ofProxy(request) : ofConnection?.(request.socket)
}
