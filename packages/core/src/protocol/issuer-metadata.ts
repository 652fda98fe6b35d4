import { isHttpsUrl } from '../domain/https-url.ts'
import { parseStrictJson } from './strict-json.ts'

/** What an issuer publishes of itself, as far as it is needed here. */
export interface IssuerMetadata {
  /** An https URL. */
  readonly jwksUri: string
}

/** Where an issuer publishes it (OpenID Connect Discovery 1.0 §4): as clusters, runners and clouds do. */
export const discoveryAddressOf = (issuer: string): string =>
  `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`

/**
 * Reads it. OpenID Connect Discovery 1.0 §4.3: the issuer that it names MUST be exactly the one that was asked for.
 *
 * @returns `undefined` for what is of another issuer, or names no https address for its keys.
 */
export function readIssuerMetadata(text: string, expected: string): IssuerMetadata | undefined {
  try {
    const { issuer, jwks_uri: jwksUri } = parseStrictJson(text) as Readonly<Record<string, unknown>>
    return issuer === expected && isHttpsUrl(jwksUri) ? { jwksUri } : undefined
  } catch {
    return undefined
  }
}
