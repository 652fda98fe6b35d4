import { BlockList, isIP } from 'node:net'

/** Whether an address is one of some. What is no address is none of them. */
export type IsInBlocks = (address: string) => boolean

/**
 * Reads addresses and CIDR blocks, such as `10.0.0.0/8` and `fd00::1`. An IPv4 address that an IPv6 socket writes as
 * `::ffff:10.0.0.1` is known by either.
 *
 * @throws TypeError that names the one which is neither.
 */
export function addressBlocks(texts: readonly string[]): IsInBlocks {
  const blocks = new BlockList()
  for (const text of texts) {
    const [address = '', prefix, ...rest] = text.split('/')
    const family = familyOf(address)
    const bits = family === 'ipv4' ? 32 : 128
    if (family === undefined || rest.length > 0 || (prefix !== undefined && !isPrefix(prefix, bits)))
      throw new TypeError(`"${text}" is neither an address nor a CIDR block such as 10.0.0.0/8`)
    blocks.addSubnet(address, prefix === undefined ? bits : Number(prefix), family)
  }
  return (address) => {
    const family = familyOf(address)
    return family !== undefined && blocks.check(address, family)
  }
}

const isPrefix = (text: string, bits: number): boolean => /^\d{1,3}$/.test(text) && Number(text) <= bits

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address)
  if (version === 0) return undefined
  return version === 4 ? 'ipv4' : 'ipv6'
}
