/** RFC 3986 §3, as far as an address of http can be written: what a URL parser would mend is no address. */
const ADDRESS = /^https?:\/\/[^/?#@\\]+(?:[/?#](?:%[0-9a-f]{2}|[\w.~!$&'()*+,;=:@/?#[\]-])*)?$/i

const UNRESERVED = /[\w.~-]/

/**
 * An address in the one form in which addresses that mean the same are the same text (RFC 3986 §6.2.2, §6.2.3), without its
 * query and fragment (RFC 9449 §4.3); `undefined` for what is no http or https address.
 */
export function proofAddressOf(address: string): string | undefined {
  if (!ADDRESS.test(address) || !URL.canParse(address)) return undefined
  // It writes scheme and host in small letters, leaves out the port that is meant anyway, and resolves dot segments.
  const { origin, pathname } = new URL(address)
  return origin + pathname.replace(/%[0-9a-f]{2}/gi, evenly)
}

/** A character that needs no escape is written without, and every other escape in capitals. */
function evenly(escaped: string): string {
  const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
  return UNRESERVED.test(character) ? character : escaped.toUpperCase()
}
