import type { JsonObject } from '@latchkey/core'
import type { Loaded } from './cached-document.ts'
import type { DocumentFetch } from './document-fetch.ts'

/** What an API needs of the issuer's metadata (RFC 8414 §2). */
export interface IssuerMetadata {
  readonly jwksUri: string | undefined
  readonly introspectionEndpoint: string | undefined
}

/** Where an issuer's metadata is: the well-known part stands before the issuer's own path (RFC 8414 §3.1). */
function metadataAddress(issuer: string): string {
  const { origin, pathname } = new URL(issuer)
  return `${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, '')}`
}

/**
 * Reads an issuer's metadata.
 *
 * @throws TypeError when the document speaks of another issuer: then nothing of it may be used (RFC 8414 §3.3).
 */
export async function loadIssuerMetadata(
  fetchDocument: DocumentFetch,
  issuer: string,
): Promise<Loaded<IssuerMetadata>> {
  const { document, maxAgeSeconds } = await fetchDocument({ url: metadataAddress(issuer) })
  if (document['issuer'] !== issuer) throw new TypeError('the document is that of another issuer')
  const value = {
    jwksUri: addressIn(document, 'jwks_uri'),
    introspectionEndpoint: addressIn(document, 'introspection_endpoint'),
  }
  return { value, maxAgeSeconds }
}

function addressIn(document: JsonObject, name: string): string | undefined {
  const address = document[name]
  if (address !== undefined && typeof address !== 'string') throw new TypeError(`${name} is no text`)
  return address
}
