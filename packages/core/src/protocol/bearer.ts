/** RFC 6750 §2.1: the scheme in any case, one or more spaces, a `b64token`. */
const BEARER = /^bearer +(?<token>[A-Za-z0-9._~+/-]+=*)$/i
const BEARER_SCHEME = /^bearer(?: |$)/i

/** Whether an `Authorization` header is meant as a bearer token, well-formed or not. */
export const isBearer = (authorization: string): boolean => BEARER_SCHEME.test(authorization)

/** The token of an `Authorization: Bearer` header; `undefined` when there is none or it is malformed. */
export const readBearer = (authorization: string): string | undefined => BEARER.exec(authorization)?.groups?.['token']

/** A challenge for `WWW-Authenticate` (RFC 6750 §3): parameters in the order given, all quoted. */
export function bearerChallenge(parameters: Readonly<Record<string, string | undefined>>): string {
  const parts = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${quoted(value)}`],
  )
  return parts.length === 0 ? 'Bearer' : `Bearer ${parts.join(', ')}`
}

/** A `quoted-string` (RFC 9110 §5.6.4). */
export const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`
