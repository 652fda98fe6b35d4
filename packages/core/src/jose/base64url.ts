/** Text of printable ASCII or UTF-8, as JOSE writes it (RFC 7515 §2). */
export const encodeBase64Url = (text: string): string => Buffer.from(text).toString('base64url')

/**
 * The bytes of a segment, `undefined` where it is not written as an encoder writes it: another alphabet, padding, or bits at
 * the end that mean nothing. Otherwise one token could be written in many ways (RFC 4648 §3.5).
 */
export function decodeBase64Url(segment: string): Uint8Array | undefined {
  const bytes = Buffer.from(segment, 'base64url')
  return bytes.toString('base64url') === segment ? bytes : undefined
}
