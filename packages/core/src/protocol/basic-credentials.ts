import { decodeFormComponent } from './form.ts'

/** A client's id and secret as one reading of a request has them. */
export interface ClientIdAndSecret {
  readonly clientId: string
  readonly clientSecret: string
}

/** Longest `client_id` that is looked up, and longest secret that is hashed, in characters. */
const MAX_CLIENT_ID_LENGTH = 255
const MAX_CLIENT_SECRET_LENGTH = 1024

/** RFC 9110 §11.4: the scheme in any case, one or more spaces, the credentials. */
const BASIC = /^basic +(?=\S)/i
/** `VSCHAR` of RFC 6749 Appendix A.1 and A.2. */
const VISIBLE = /^[\x20-\x7e]+$/

/**
 * The readings of an `Authorization: Basic` (RFC 7617) that could be a client's id and secret: none, one or two.
 *
 * RFC 6749 §2.3.1 has clients form-encode both before they join them; half of the clients in use do and half do not. So
 * the decoded pair comes first, and the raw one after it where the two differ.
 */
export function readBasicCredentials(authorization: string): readonly ClientIdAndSecret[] {
  const scheme = BASIC.exec(authorization)?.[0]
  const pair = scheme === undefined ? undefined : decodeBase64(authorization.slice(scheme.length))
  // The first colon divides: an id never holds one unencoded, and a secret may (RFC 7617 §2).
  const colon = pair?.indexOf(':') ?? -1
  if (pair === undefined || colon === -1) return []
  const raw = {
    clientId: pair.slice(0, colon),
    clientSecret: pair.slice(colon + 1),
  }
  const clientId = decodeFormComponent(raw.clientId)
  const clientSecret = decodeFormComponent(raw.clientSecret)
  if (
    clientId === undefined ||
    clientSecret === undefined ||
    (clientId === raw.clientId && clientSecret === raw.clientSecret)
  )
    return isPlausible(raw) ? [raw] : []
  return [{ clientId, clientSecret }, raw].filter(isPlausible)
}

/** Whether a pair could be anybody's: other characters or lengths are no client's, and cost nothing (RFC 6749 Appendix A). */
export const isPlausible = ({ clientId, clientSecret }: ClientIdAndSecret): boolean =>
  clientId.length <= MAX_CLIENT_ID_LENGTH &&
  clientSecret.length <= MAX_CLIENT_SECRET_LENGTH &&
  VISIBLE.test(clientId) &&
  VISIBLE.test(clientSecret)

/**
 * Strict base64 (RFC 4648 §3.3, §3.5): its alphabet alone, padded, and with no bits left over that another text would share.
 * One character for each byte: whatever is no ASCII is refused afterwards.
 */
function decodeBase64(encoded: string): string | undefined {
  try {
    const bytes = atob(encoded)
    return btoa(bytes) === encoded ? bytes : undefined
  } catch {
    return undefined
  }
}
