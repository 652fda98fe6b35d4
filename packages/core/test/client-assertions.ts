import { CompactSign, type CryptoKey, exportJWK, generateKeyPair } from 'jose'
import type { EndpointRequest, RegisteredKey } from '../src/index.ts'
import { formOf } from '../src/index.ts'
import { GRANT, ISSUER, NOW } from './test-server.ts'

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** A key by which a client signs, and its public half as it is registered. */
export interface AssertionKey {
  readonly alg: string
  readonly privateKey: CryptoKey | Uint8Array
  readonly jwk: RegisteredKey
}

export async function makeAssertionKey(alg = 'ES256', more: Partial<RegisteredKey> = {}): Promise<AssertionKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { alg, privateKey, jwk: { ...((await exportJWK(publicKey)) as unknown as RegisteredKey), ...more } }
}

/** What is to be different about an assertion; a member that is `undefined` is left out. */
export interface AssertionChanges {
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
}

let made = 0

/** An assertion of the client `machine` that is good at the second at which every test begins, but for the changes. */
export function assertionOf(
  { alg, privateKey }: Pick<AssertionKey, 'alg' | 'privateKey'>,
  { header, claims }: AssertionChanges = {},
): Promise<string> {
  made += 1
  const usual = { iss: 'machine', sub: 'machine', aud: ISSUER, exp: NOW + 60, iat: NOW, jti: `assertion ${made}` }
  const written = JSON.parse(JSON.stringify({ alg, ...header })) as { alg: string }
  return new CompactSign(Buffer.from(JSON.stringify({ ...usual, ...claims })))
    .setProtectedHeader(written)
    .sign(privateKey, { crit: { 'urn:example': true } })
}

/** A token request with an assertion. */
export const asserting = (assertion: string, parameters: Readonly<Record<string, string>> = {}): EndpointRequest => ({
  form: formOf({ ...GRANT, client_assertion_type: ASSERTION_TYPE, client_assertion: assertion, ...parameters }),
})

/** The parts of a JWT that were changed after it was signed. */
export function withParts(
  token: string,
  parts: { readonly header?: string; readonly payload?: string; readonly signature?: string },
): string {
  const [header, payload, signature] = token.split('.')
  return [parts.header ?? header, parts.payload ?? payload, parts.signature ?? signature].join('.')
}

export const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
