import { createHash, randomUUID } from 'node:crypto'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { API, NOW } from './test-issuer.ts'

/** A key of a client, to which tokens are bound. */
export interface ClientKey {
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly jwk: JWK
  readonly jkt: string
}

export async function makeClientKey(alg = 'ES256'): Promise<ClientKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(publicKey)
  return { alg, privateKey, jwk, jkt: await calculateJwkThumbprint(jwk) }
}

/** What a proof says of the token that it is shown with. */
export const athOf = (token: string): string => createHash('sha256').update(token).digest('base64url')

/** A good proof for `GET /sales`, but for what is changed; what is `undefined` is left out. */
export const proofFor = (
  { alg, privateKey, jwk }: ClientKey,
  token: string,
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Promise<string> =>
  new SignJWT({ jti: randomUUID(), htm: 'GET', htu: `${API}/sales`, iat: NOW, ath: athOf(token), ...claims })
    .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk, ...header })
    .sign(privateKey)
