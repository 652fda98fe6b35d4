import * as client from 'openid-client'

/** Where tokens come from, and as whom they are asked for. */
export interface BoundClientSettings {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
}

/** A client whose tokens are worth nothing to whoever steals them: they are bound to a key that never leaves this process. */
export async function createBoundClient({ issuer, clientId, clientSecret }: BoundClientSettings) {
  const config = await client.discovery(new URL(issuer), clientId, undefined, client.ClientSecretBasic(clientSecret), {
    algorithm: 'oauth2',
    // Plain HTTP is for a server on this machine.
    execute: issuer.startsWith('http://localhost:') ? [client.allowInsecureRequests] : [],
  })
  // The private key cannot be exported. It makes a proof for each request, with the nonce that the server asked for last.
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))

  return {
    requestToken: () => client.clientCredentialsGrant(config, { scope: 'sales:read' }, { DPoP }),
    /** Shows a token to an API, together with a proof that is for this request and this token alone. */
    request: (token: string, method: string, url: string) =>
      client.fetchProtectedResource(config, token, new URL(url), method, undefined, undefined, { DPoP }),
    /** The name of the key, as tokens have it in `cnf`. */
    thumbprint: () => DPoP.calculateThumbprint(),
  }
}
