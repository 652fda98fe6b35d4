import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import type { ClientKey } from './dpop-proofs.ts'

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** An assertion of this moment, as RFC 7523 §3 has it; a claim that is `undefined` is left out. */
export function assertionOf(
  { privateKey, alg }: Pick<ClientKey, 'privateKey' | 'alg'>,
  clientId: string,
  issuer: string,
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const usual = { iss: clientId, sub: clientId, aud: issuer, jti: randomUUID(), iat: now, exp: now + 60 }
  return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ ...header, alg }).sign(privateKey)
}

/** The form of a request for a token, or for something else, with an assertion. */
export const asserting = (assertion: string, parameters: Readonly<Record<string, string>> = {}): string =>
  new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: TYPE,
    client_assertion: assertion,
    ...parameters,
  }).toString()
