import { randomUUID } from 'node:crypto'
import { type CryptoKey, SignJWT } from 'jose'

/** What a client signs with: half of a key pair, or the bytes of its secret. */
export interface AssertionKey {
  readonly alg: string
  readonly privateKey: CryptoKey | Uint8Array
}

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** An assertion of this moment, as RFC 7523 §3 has it; a claim that is `undefined` is left out. */
export function assertionOf(
  { privateKey, alg }: AssertionKey,
  clientId: string,
  issuer: string,
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const usual = { iss: clientId, sub: clientId, aud: issuer, jti: randomUUID(), iat: now, exp: now + 60 }
  return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ ...header, alg }).sign(privateKey)
}

/** The parameters that carry an assertion (RFC 7521 §4.2). */
export const assertionParameters = (assertion: string) => ({ client_assertion_type: TYPE, client_assertion: assertion })

/** The form of a request for a token, or for something else, with an assertion. */
export const asserting = (assertion: string, parameters: Readonly<Record<string, string>> = {}): string =>
  new URLSearchParams({
    grant_type: 'client_credentials',
    ...assertionParameters(assertion),
    ...parameters,
  }).toString()
