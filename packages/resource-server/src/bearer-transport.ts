/** What of a request may carry a token. */
export interface TokenTransports {
  /** The value of the `Authorization` header, or the values of its lines where there are several. */
  readonly authorization: string | readonly string[] | undefined
  /** The address or path that was asked for, with its query. */
  readonly url?: string | undefined
  /** The method of the request; a proof is of it. */
  readonly method?: string | undefined
  /** The value of the `DPoP` header, or the values of its lines where there are several. */
  readonly dpop?: string | readonly string[] | undefined
  /** The parameters of a body that is a form, where it was read already. */
  readonly form?: unknown
}

/** Why a request may not carry its tokens as it does; `undefined` where it may. Nothing but the header is ever read for a token. */
export function transportFault({ authorization, url, form }: TokenTransports): string | undefined {
  if (Array.isArray(authorization) && authorization.length > 1) return 'more than one Authorization header was sent'
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
