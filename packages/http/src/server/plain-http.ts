import type { IncomingMessage } from 'node:http'
import { OAuthError } from '@latchkey/core'
import type { IsTrusted } from './trusted-proxies.ts'

/** What decides whether a request that came without TLS may be answered. */
export interface PlainHttpRules {
  readonly issuer: string
  readonly allowInsecureHttp: boolean
  readonly tls: object | undefined
}

/** Whether every request may be answered as it comes: over TLS of our own, for a loopback issuer, or by the operator's word. */
export const anyTransportWillDo = ({ issuer, allowInsecureHttp, tls }: PlainHttpRules): boolean =>
  tls !== undefined || allowInsecureHttp || issuer.startsWith('http:')

/** Whether a trusted proxy says that the request arrived there over TLS. Nobody else is believed (RFC 9700 §4.13). */
export const cameOverTls = ({ headers, socket }: IncomingMessage, isTrusted: IsTrusted): boolean =>
  isTrusted(socket.remoteAddress) && everyHopWasHttps(headers['x-forwarded-proto'])

/**
 * Refuses a request that came over plain HTTP, unless a trusted proxy says that it arrived there over TLS.
 * RFC 6749 §3.2: the server MUST require TLS when requests are sent to the token endpoint.
 *
 * @throws OAuthError `invalid_request`
 */
export function checkForwardedOverTls(request: IncomingMessage, isTrusted: IsTrusted): void {
  if (cameOverTls(request, isTrusted)) return
  throw new OAuthError('invalid_request', 'TLS is required', {
    reason: 'plain HTTP, and not from a trusted proxy that sent X-Forwarded-Proto: https (LATCHKEY_TRUSTED_PROXIES)',
  })
}

/** Several proxies may have written there; one that was reached without TLS spoils it. */
const everyHopWasHttps = (forwardedProto: string | readonly string[] | undefined): boolean =>
  forwardedProto !== undefined &&
  String(forwardedProto)
    .split(',')
    .every((protocol) => protocol.trim().toLowerCase() === 'https')
