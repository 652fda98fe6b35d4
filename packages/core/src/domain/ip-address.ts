const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/
const NO_LEADING_ZERO = /(?:^|\.)0\d/

/**
 * The one way of writing an IP address, so that two are the same exactly when their bits are (RFC 5952 for IPv6).
 *
 * @returns `undefined` for what is none, such as one with a zone.
 */
export function canonicalAddress(text: string): string | undefined {
  if (IPV4.test(text)) return NO_LEADING_ZERO.test(text) ? undefined : text
  if (!/^[0-9A-Fa-f:.]{2,45}$/.test(text) || !text.includes(':')) return undefined
  return URL.canParse(`http://[${text}]`) ? new URL(`http://[${text}]`).hostname : undefined
}

/** The same of the bytes in a certificate (RFC 5280 §4.2.1.6). */
export function addressOfBytes(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) return undefined
  return canonicalAddress((Buffer.from(bytes).toString('hex').match(/.{4}/g) ?? []).join(':'))
}
