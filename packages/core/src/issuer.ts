/**
 * Checks an issuer (RFC 8414 §2): https, without query, fragment or password; http only on a loopback host.
 *
 * @throws TypeError that says what is wrong with it.
 */
export function checkIssuer(issuer: string): string {
  if (typeof issuer !== 'string' || !URL.canParse(issuer))
    throw new TypeError('issuer must be a URL, such as https://auth.example.com')
  const { protocol, hostname, pathname, username, password } = new URL(issuer)
  // The text is looked at, not the parsed URL: it shows neither an empty query nor an empty fragment.
  if (/[?#]/.test(issuer)) throw new TypeError('issuer must have no query and no fragment')
  if (/[^\x21-\x7e]|["\\]/.test(issuer)) throw new TypeError('issuer must be printable ASCII without quotes and spaces')
  // A URL parser mends what lacks its slashes; clients that compare texts do not.
  if (!/^https?:\/\/[^/]/i.test(issuer)) throw new TypeError('issuer must begin with https:// and a host')
  if (username !== '' || password !== '') throw new TypeError('issuer must hold no user name and no password')
  // Endpoints are built from the parsed path; where it differs from the text, clients would look for them elsewhere.
  const path = issuer.replace(/^https?:\/\/[^/]*/i, '')
  if (path !== '' && path !== pathname) throw new TypeError(`issuer must have its path as it is meant: ${pathname}`)
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) return issuer
  throw new TypeError('issuer must be an https URL; http is allowed only for localhost, 127.0.0.0/8 and [::1]')
}

/** Whether a URL's host is this machine and no other (RFC 8252 §8.3). */
export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
