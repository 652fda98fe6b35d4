import type { CarriedRequest } from './carried-request.ts'

/** What of a request may carry a token, and proofs of what it is bound to. */
export interface TokenTransports {
  /** The value of the `Authorization` header, or the values of its lines where there are several. */
  readonly authorization: string | readonly string[] | undefined
  /** The address or path that was asked for, with its query. */
  readonly url?: string | undefined
  /** The method of the request; a proof is of it. */
  readonly method?: string | undefined
  /** The value of the `DPoP` header, or the values of its lines where there are several. */
  readonly dpop?: string | readonly string[] | undefined
  /** The certificate that the client has proven to hold, in DER, where the program knows it already. */
  readonly certificate?: Uint8Array | undefined
  /** The request itself, from which `mutualTls.certificateOf` reads the certificate otherwise. */
  readonly request?: CarriedRequest | undefined
  /** The parameters of a body that is a form, where it was read already. */
  readonly form?: unknown
}

/** Two lines that somebody has joined (RFC 9110 §5.3): no token, and no other credentials of these schemes, have a comma. */
const SECOND_TOKEN = /,[ \t]*(?:bearer|dpop)(?:[ \t]|$)/i

/** Why a request may not carry its tokens as it does; `undefined` where it may. Nothing but the header is ever read for a token. */
export function transportFault({ authorization = [], url, form }: TokenTransports): string | undefined {
  const [line = '', ...others] = typeof authorization === 'string' ? [authorization] : authorization
  if (others.length > 0 || SECOND_TOKEN.test(line)) return 'more than one Authorization header was sent'
  // RFC 9700 §4.3.2: a token in an address ends in logs. Whether another is in the header makes no difference.
  if (url !== undefined && holdsToken(url)) return 'a token was sent in the query'
  if (typeof form === 'object' && form !== null && Object.hasOwn(form, 'access_token'))
    return 'a token was sent in the body'
  return undefined
}

/** The one value of the header, if there is one. */
export const authorizationOf = ({ authorization }: TokenTransports): string | undefined =>
  typeof authorization === 'string' ? authorization : authorization?.[0]

function holdsToken(url: string): boolean {
  const start = url.indexOf('?')
  return start >= 0 && new URLSearchParams(url.slice(start + 1).split('#')[0]).has('access_token')
}
