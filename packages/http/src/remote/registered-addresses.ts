import { isIP } from 'node:net'
import type { Credential } from '@latchkey/core'
import type { IsReachable } from './reachable-addresses.ts'

/**
 * What of credentials could never be fetched: a URL that holds an inner address itself. What a name leads to is judged with
 * each connection, and could be anything later on.
 */
export const problemsOfAddresses = (credentials: readonly Credential[], isReachable: IsReachable): readonly string[] =>
  credentials.flatMap((credential) => {
    const address = addressIn(credential)
    return address === undefined || isReachable(address)
      ? []
      : [
          `${credential.kind}: ${address} is not an address of the public network, and LATCHKEY_DANGEROUSLY_ALLOW_PRIVATE_ADDRESSES does not name it`,
        ]
  })

function addressIn(credential: Credential): string | undefined {
  const url = urlOf(credential)
  const host = url && new URL(url).hostname.replace(/^\[|\]$/g, '')
  return host !== undefined && isIP(host) !== 0 ? host : undefined
}

function urlOf(credential: Credential): string | undefined {
  if (credential.kind === 'jwks_uri') return credential.uri
  return credential.kind === 'trusted_issuer' ? credential.issuer : undefined
}
