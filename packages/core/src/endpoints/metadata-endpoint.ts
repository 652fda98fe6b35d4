import { documentResponse, type EndpointResponse } from './endpoint-response.ts'

/** What clients learn of the server by themselves (RFC 8414 §2). */
export interface ServerMetadata {
  readonly issuer: string
  readonly token_endpoint: string
  readonly introspection_endpoint: string
  readonly revocation_endpoint: string
  /** There exactly when there are keys that anybody may verify tokens with. */
  readonly jwks_uri?: string
  readonly grant_types_supported: readonly string[]
  /** Empty, and there all the same: RFC 8414 §2 requires it and §3.2 forbids empty lists; readers fail without it, none fails with it. */
  readonly response_types_supported: readonly never[]
  readonly token_endpoint_auth_methods_supported: readonly string[]
  /** There exactly when a method is that signs (RFC 8414 §2). */
  readonly token_endpoint_auth_signing_alg_values_supported?: readonly string[]
  readonly introspection_endpoint_auth_methods_supported: readonly string[]
  /** There exactly when a method is that signs (RFC 8414 §2). */
  readonly introspection_endpoint_auth_signing_alg_values_supported?: readonly string[]
  readonly revocation_endpoint_auth_methods_supported: readonly string[]
  /** There exactly when a method is that signs (RFC 8414 §2). */
  readonly revocation_endpoint_auth_signing_alg_values_supported?: readonly string[]
  /** There exactly when tokens can be bound to a key (RFC 9449 §5.1). */
  readonly dpop_signing_alg_values_supported?: readonly string[]
  /** There exactly when tokens can be bound to a certificate (RFC 8705 §3.3). */
  readonly tls_client_certificate_bound_access_tokens?: true
  /** The endpoints for whoever shows a certificate, where those have a host of their own (RFC 8705 §5). */
  readonly mtls_endpoint_aliases?: {
    readonly token_endpoint: string
    readonly introspection_endpoint: string
    readonly revocation_endpoint: string
  }
  /** There exactly when the answers of introspection can be signed (RFC 9701 §7). */
  readonly introspection_signing_alg_values_supported?: readonly string[]
  readonly service_documentation?: string
  /** The registered resources (RFC 9728 §4); absent where there is none, or nobody lists them. */
  readonly protected_resources?: readonly string[]
}

/** Where a server is reached: paths below its origin, each beginning with `/`. */
export interface EndpointPaths {
  readonly token: string
  readonly introspection: string
  readonly revocation: string
  /** The published keys; nothing is there where no key is published. */
  readonly jwks?: string
  /** What the paths of the lists of revoked tokens begin with; there is none where no list is published. */
  readonly statusLists?: string
  /** RFC 8414 §3.1: the well-known part stands before the issuer's own path. */
  readonly metadata: string
  /** OpenID Connect Discovery §4: and here behind it, for clients that know no other place. */
  readonly openidConfiguration: string
}

/** What {@link createMetadata} takes. */
export interface MetadataDeps {
  readonly issuer: string
  readonly paths: EndpointPaths
  readonly grantTypes: readonly string[]
  readonly authMethods: readonly string[]
  /** By which clients may sign their assertions; absent where none is taken. */
  readonly assertionAlgorithms: readonly string[] | undefined
  /** Absent where no proof is looked at. */
  readonly dpopAlgorithms: readonly string[] | undefined
  /** Absent where no certificate is looked at. */
  readonly mutualTls: { readonly origin: string | undefined } | undefined
  /** By what the answers of introspection are signed; `undefined` where nothing signs. */
  readonly introspectionAlgorithm: string | undefined
  readonly serviceDocumentation: string | undefined
}

/** The paths of a server whose issuer has, or has not, a path of its own. */
export function endpointPaths(issuer: string, publishesKeys: boolean, publishesStatus = false): EndpointPaths {
  const base = new URL(issuer).pathname.replace(/\/$/, '')
  return {
    token: `${base}/oauth2/token`,
    introspection: `${base}/oauth2/introspect`,
    revocation: `${base}/oauth2/revoke`,
    ...(publishesKeys && { jwks: `${base}/.well-known/jwks.json` }),
    ...(publishesStatus && { statusLists: `${base}/status-lists/` }),
    metadata: `/.well-known/oauth-authorization-server${base}`,
    openidConfiguration: `${base}/.well-known/openid-configuration`,
  }
}

/** The metadata document. It says what the configuration says, never what a request's `Host` header says. */
export function createMetadata({
  issuer,
  paths,
  grantTypes,
  authMethods,
  assertionAlgorithms,
  dpopAlgorithms,
  mutualTls,
  introspectionAlgorithm,
  serviceDocumentation,
}: MetadataDeps): ServerMetadata {
  const { origin } = new URL(issuer)
  const formEndpointsAt = (host: string) => ({
    token_endpoint: host + paths.token,
    introspection_endpoint: host + paths.introspection,
    revocation_endpoint: host + paths.revocation,
  })
  return {
    issuer,
    ...formEndpointsAt(origin),
    ...(paths.jwks !== undefined && { jwks_uri: origin + paths.jwks }),
    grant_types_supported: grantTypes,
    response_types_supported: [],
    token_endpoint_auth_methods_supported: authMethods,
    ...(assertionAlgorithms && { token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms }),
    introspection_endpoint_auth_methods_supported: authMethods,
    ...(assertionAlgorithms && { introspection_endpoint_auth_signing_alg_values_supported: assertionAlgorithms }),
    revocation_endpoint_auth_methods_supported: authMethods,
    ...(assertionAlgorithms && { revocation_endpoint_auth_signing_alg_values_supported: assertionAlgorithms }),
    ...(dpopAlgorithms !== undefined && { dpop_signing_alg_values_supported: dpopAlgorithms }),
    ...(mutualTls !== undefined && { tls_client_certificate_bound_access_tokens: true }),
    ...(mutualTls?.origin !== undefined && { mtls_endpoint_aliases: formEndpointsAt(mutualTls.origin) }),
    ...(introspectionAlgorithm !== undefined && {
      introspection_signing_alg_values_supported: [introspectionAlgorithm],
    }),
    ...(serviceDocumentation !== undefined && { service_documentation: serviceDocumentation }),
  }
}

/** Answers requests for the metadata (RFC 8414 §3). Never rejects. */
export type MetadataEndpoint = () => Promise<EndpointResponse>

/** What {@link createMetadataEndpoint} takes. */
export interface MetadataEndpointDeps {
  readonly metadata: ServerMetadata
  /** The identifiers of the resources that are registered. Without it the document names none. */
  readonly listResources: (() => Promise<readonly string[]>) | undefined
}

/** Anybody may ask, as often as they like: the backend is asked no more often than this, in milliseconds. */
const LISTED_FOR_MS = 30_000
const LIST_AGAIN_AFTER_FAILURE_MS = 2_000
/** RFC 9728 §4: where the resources are not enumerable, the member is not present. */
const MOST_LISTED = 1_000

/**
 * The document with the resources that are registered. It is remembered for a moment and made anew only when they have
 * changed. A backend that fails, or never answers, leaves it as it was.
 */
export function createMetadataEndpoint({ metadata, listResources }: MetadataEndpointDeps): MetadataEndpoint {
  let listed: readonly string[] = []
  let present = Promise.resolve(documentResponse(metadata))
  if (listResources === undefined) return () => present

  let until = Number.NEGATIVE_INFINITY
  let asked: Promise<EndpointResponse> | undefined

  async function ask(list: () => Promise<readonly string[]>): Promise<EndpointResponse> {
    let age = LIST_AGAIN_AFTER_FAILURE_MS
    try {
      const all = await list()
      const identifiers = all.length > MOST_LISTED ? [] : all
      if (!isSame(identifiers, listed)) present = Promise.resolve(documentOf(metadata, identifiers))
      listed = identifiers
      age = LISTED_FOR_MS
    } catch {
      // Clients find their endpoints whatever becomes of the backend, and readiness tells of it.
    }
    until = performance.now() + age
    asked = undefined
    return present
  }

  return () => {
    if (performance.now() < until) return present
    asked ??= ask(listResources)
    return asked
  }
}

const isSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((identifier, index) => identifier === others[index])

/** RFC 8414 §3.2: no list is empty. */
const documentOf = (metadata: ServerMetadata, identifiers: readonly string[]): EndpointResponse =>
  documentResponse(identifiers.length === 0 ? metadata : { ...metadata, protected_resources: identifiers })
