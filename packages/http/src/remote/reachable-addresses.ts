import { isIP } from 'node:net'
import { addressBlocks, type IsInBlocks } from '../address-blocks.ts'

/** Whether a connection to an address may be made. */
export type IsReachable = (address: string) => boolean

/** Of IPv4, what is no address of a host in the public network (RFC 6890 and the registry that it began). */
const NOT_PUBLIC_IPV4 = [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // shared behind a carrier's translation
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local, where clouds tell machines their secrets
  '172.16.0.0/12', // private
  '192.0.0.0/24', // assignments of protocols
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // relays of 6to4
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
]

/**
 * All of IPv6 that is given to hosts. Whatever is outside is refused without a name: loopback, unspecified, link-local,
 * unique local, multicast, IPv4 that is mapped (`::ffff:0:0/96`) or compatible (`::/96`), and both prefixes of NAT64
 * (`64:ff9b::/96`, `64:ff9b:1::/48`).
 */
const GIVEN_TO_HOSTS_IPV6 = ['2000::/3']

/** Of that, what leads elsewhere or nowhere. */
const NOT_PUBLIC_IPV6 = [
  '2001::/23', // assignments of protocols, Teredo among them: it holds an IPv4 address
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: it holds an IPv4 address
  '3fff::/20', // documentation
]

/**
 * Tells addresses of the public network from all others.
 *
 * @param alsoAllowed addresses and CIDR blocks that may be connected to though they are not public.
 * @throws TypeError that names what is neither.
 */
export function reachableAddresses(alsoAllowed: readonly string[] = []): IsReachable {
  const isAllowed = addressBlocks(alsoAllowed)
  return (address) => {
    // A zone (`%eth0`) names a link of this machine.
    if (isIP(address) === 0 || address.includes('%')) return false
    if (isAllowed(address)) return true
    return (isIP(address) === 4 || isGivenToHosts(address)) && !isElsewhere(address)
  }
}

/** Read when somebody first asks: Node takes milliseconds to look at its first IPv6 address, and many a server never meets one. */
const whenAsked = (texts: readonly string[]): IsInBlocks => {
  let isIn: IsInBlocks | undefined
  return (address) => {
    isIn ??= addressBlocks(texts)
    return isIn(address)
  }
}

const isElsewhere = whenAsked([...NOT_PUBLIC_IPV4, ...NOT_PUBLIC_IPV6])
const isGivenToHosts = whenAsked(GIVEN_TO_HOSTS_IPV6)
