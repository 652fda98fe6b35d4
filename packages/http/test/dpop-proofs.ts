import { randomUUID } from 'node:crypto'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

/** A key that a client proves or signs with, and what its tokens are bound to. */
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

/** A proof of this moment, written as RFC 9449 §4.2 says; a claim that is `undefined` is left out. */
export const proofOf = (
  { alg, privateKey, jwk }: ClientKey,
  htu: string,
  claims: Readonly<Record<string, unknown>> = {},
): Promise<string> =>
  new SignJWT({ jti: randomUUID(), htm: 'POST', htu, iat: Math.floor(Date.now() / 1000), ...claims })
    .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk })
    .sign(privateKey)

/** Proofs for the token endpoint of an issuer that are made beforehand, since a case of the suite waits for nothing. */
export async function preparedProofs(
  issuer: string,
): Promise<{ readonly proof: () => string; readonly strangeNonce: () => string }> {
  const key = await makeClientKey()
  const address = `${issuer}/oauth2/token`
  const proofs = await Promise.all(Array.from({ length: 40 }, () => proofOf(key, address)))
  const strange = await proofOf(key, address, { nonce: 'of a stranger' })
  // One whose nonce is not ours is not used up.
  return { proof: () => proofs.pop() ?? 'there is none left', strangeNonce: () => strange }
}
