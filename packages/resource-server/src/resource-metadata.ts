import { documentResponse, type EndpointResponse, isLoopback } from '@latchkey/core'
import type { ResolvedBindings } from './bindings.ts'

/** What an API tells of itself beside what is known of it already (RFC 9728 §2). */
export interface ResourceMetadataOptions {
  /** The API's identifier: an https URL without fragment. The first name of `audience` by default. */
  readonly resource?: string | undefined
  readonly scopesSupported?: readonly string[] | undefined
  /** A name that a person may read. */
  readonly resourceName?: string | undefined
  /** Where a developer may read on. */
  readonly resourceDocumentation?: string | undefined
}

/** The metadata of an API, and where it is published. */
export interface ResourceMetadata {
  /** For `resource_metadata` in a challenge (RFC 9728 §5.1). */
  readonly url: string
  /** The same without the origin. */
  readonly path: string
  /** The answer to GET. */
  readonly response: EndpointResponse
}

/** The well-known part stands between the host and the path of the identifier (RFC 9728 §3.1). */
const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/**
 * The metadata of an API. It says what the configuration says, never what a request's `Host` header says.
 *
 * @throws TypeError that names the option which is wrong.
 */
export function publishedMetadata(
  options: ResourceMetadataOptions,
  issuer: string,
  audience: string,
  { dpop, mutualTls, boundTokensOnly }: ResolvedBindings,
): ResourceMetadata {
  const { resource = audience, scopesSupported = [], resourceName, resourceDocumentation } = options
  const { origin, pathname } = identifierOf(resource)
  const path = WELL_KNOWN + (pathname === '/' ? '' : pathname)
  if (resourceDocumentation !== undefined && !URL.canParse(resourceDocumentation))
    throw new TypeError('resourceMetadata.resourceDocumentation must be a URL')
  const document = {
    resource,
    authorization_servers: [issuer],
    // Members without a value are left out (§3.2).
    ...(scopesSupported.length > 0 && { scopes_supported: scopesSupported }),
    bearer_methods_supported: ['header'],
    ...(mutualTls !== undefined && { tls_client_certificate_bound_access_tokens: true }),
    ...(dpop !== undefined && { dpop_signing_alg_values_supported: dpop.algorithms }),
    // Where a certificate does as well, no proof is required.
    ...(boundTokensOnly && mutualTls === undefined && { dpop_bound_access_tokens_required: true }),
    ...(resourceName !== undefined && { resource_name: resourceName }),
    ...(resourceDocumentation !== undefined && { resource_documentation: resourceDocumentation }),
  }
  return { url: origin + path, path, response: documentResponse(document) }
}

function identifierOf(resource: string): URL {
  const wrong = (what: string): TypeError => new TypeError(`resourceMetadata.resource must be ${what}`)
  if (typeof resource !== 'string' || !URL.canParse(resource)) throw wrong('a URL, such as https://api.example.com')
  const url = new URL(resource)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname)))
    throw wrong('https; http is allowed only on a loopback host')
  // The text is looked at, not the parsed URL: it shows neither an empty query nor an empty fragment.
  if (/[?#]/.test(resource)) throw wrong('without query and fragment')
  if (url.username !== '' || url.password !== '') throw wrong('without user name and password')
  // Clients compare the text that they have with the one in the document (§3.3): it must be written as it is meant.
  if (resource !== url.href && `${resource}/` !== url.href) throw wrong(`written as it is meant: ${url.href}`)
  return url
}
