import type { Client } from '../domain/client.ts'
import type { Confirmation } from '../domain/confirmation.ts'
import { OAuthError } from '../errors.ts'
import type { ClientCertificate } from '../protocol/client-certificate.ts'
import { certificateThumbprintOf } from './certificate-thumbprint.ts'

/**
 * What a token is to be bound to because of the certificate of the connection (RFC 8705 §3), by whatever method the client
 * has authenticated. Only clients that are registered for it get bound tokens: where every connection has a certificate, as
 * in a mesh, a token that is bound unasked could not be used from anywhere else.
 *
 * @throws OAuthError `invalid_request` where the client gets bound tokens alone, and there is no certificate (§3.4).
 */
export function judgeCertificate(
  certificate: ClientCertificate | undefined,
  { tlsClientCertificateBoundAccessTokens }: Client,
): Confirmation | undefined {
  if (tlsClientCertificateBoundAccessTokens !== true) return undefined
  if (certificate === undefined)
    throw new OAuthError('invalid_request', 'a client certificate is missing', {
      reason: 'the client gets tokens that are bound to its certificate, and no other',
    })
  return digestOf(certificate)
}

/**
 * What a token is to be bound to that has no proof to be bound by, where no token may be bound to nothing: the certificate,
 * whatever the client is registered for. The other answer would be none at all.
 *
 * @throws OAuthError `invalid_request` where there is none either.
 */
export function bindingWithoutProof(certificate: ClientCertificate | undefined): Confirmation {
  if (certificate !== undefined) return digestOf(certificate)
  throw new OAuthError('invalid_request', 'a DPoP proof or a client certificate is missing', {
    reason: 'this server issues no token that is bound to nothing, and the request has neither proof nor certificate',
  })
}

const digestOf = ({ der }: ClientCertificate): Confirmation => ({ x5tS256: certificateThumbprintOf(der) })
