import { addressBlocks } from '../address-blocks.ts'

/** Whether a peer's address is one of the trusted ones. */
export type IsTrusted = (address: string | undefined) => boolean

/**
 * Reads addresses and CIDR blocks, such as `10.0.0.0/8` and `fd00::1`.
 *
 * @throws TypeError that names the one which is neither.
 */
export function trustedProxies(addresses: readonly string[]): IsTrusted {
  if (addresses.length === 0) return () => false
  const isTrusted = addressBlocks(addresses)
  return (address) => address !== undefined && isTrusted(address)
}
