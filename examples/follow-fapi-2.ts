import * as client from 'openid-client'

/** Where tokens come from, and the key by which the client is known there. */
export interface ProfiledClientSettings {
  readonly issuer: string
  readonly clientId: string
  /** The private half of the key that the client is registered with, for ES256, EdDSA or PS256; it is never sent. */
  readonly privateKey: client.CryptoKey
}

/** A client as FAPI 2.0 wants it: it signs who it is, for the issuer alone, and its tokens are bound to a second key. */
export async function createProfiledClient({ issuer, clientId, privateKey }: ProfiledClientSettings) {
  const config = await client.discovery(new URL(issuer), clientId, undefined, client.PrivateKeyJwt(privateKey), {
    algorithm: 'oauth2',
    // Plain HTTP is for a server on this machine.
    execute: issuer.startsWith('http://localhost:') ? [client.allowInsecureRequests] : [],
  })
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
  return { requestToken: () => client.clientCredentialsGrant(config, { scope: 'sales:read' }, { DPoP }) }
}
