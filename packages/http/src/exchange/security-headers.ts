/**
 * Sent with every answer, whatever it is. Answers are JSON or empty: nothing may take them for a page, frame them or run
 * them.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}
