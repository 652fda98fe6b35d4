import { BlockList, isIP } from 'node:net'

/** Whether a peer's address is one of the trusted ones. */
export type IsTrusted = (address: string | undefined) => boolean

/**
 * Reads addresses and CIDR blocks, such as `10.0.0.0/8` and `fd00::1`.
 *
 * @throws TypeError that names the one which is neither.
 */
export function trustedProxies(addresses: readonly string[]): IsTrusted {
  if (addresses.length === 0) return () => false
  const trusted = new BlockList()
  for (const text of addresses) {
    const [address = '', prefix, ...rest] = text.split('/')
    const family = familyOf(address)
    const bits = family === 'ipv4' ? 32 : 128
    if (family === undefined || rest.length > 0 || (prefix !== undefined && !isPrefix(prefix, bits)))
      throw new TypeError(`"${text}" is neither an address nor a CIDR block such as 10.0.0.0/8`)
    trusted.addSubnet(address, prefix === undefined ? bits : Number(prefix), family)
  }
  return (address) => {
    const family = address === undefined ? undefined : familyOf(address)
    // An IPv4 peer of an IPv6 socket is written ::ffff:10.0.0.1; the list knows it by its IPv4 address.
    return address !== undefined && family !== undefined && trusted.check(address, family)
  }
}

const isPrefix = (text: string, bits: number): boolean => /^\d{1,3}$/.test(text) && Number(text) <= bits

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address)
  if (version === 0) return undefined
  return version === 4 ? 'ipv4' : 'ipv6'
}
