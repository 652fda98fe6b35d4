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
  readonly introspection_endpoint_auth_methods_supported: readonly string[]
  readonly revocation_endpoint_auth_methods_supported: readonly string[]
  readonly service_documentation?: string
}

/** Where a server is reached: paths below its origin, each beginning with `/`. */
export interface EndpointPaths {
  readonly token: string
  readonly introspection: string
  readonly revocation: string
  /** The published keys; nothing is there where no key is published. */
  readonly jwks?: string
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
  readonly serviceDocumentation: string | undefined
}

/** The paths of a server whose issuer has, or has not, a path of its own. */
export function endpointPaths(issuer: string, publishesKeys: boolean): EndpointPaths {
  const base = new URL(issuer).pathname.replace(/\/$/, '')
  return {
    token: `${base}/oauth2/token`,
    introspection: `${base}/oauth2/introspect`,
    revocation: `${base}/oauth2/revoke`,
    ...(publishesKeys && { jwks: `${base}/.well-known/jwks.json` }),
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
  serviceDocumentation,
}: MetadataDeps): ServerMetadata {
  const { origin } = new URL(issuer)
  return {
    issuer,
    token_endpoint: origin + paths.token,
    introspection_endpoint: origin + paths.introspection,
    revocation_endpoint: origin + paths.revocation,
    ...(paths.jwks !== undefined && { jwks_uri: origin + paths.jwks }),
    grant_types_supported: grantTypes,
    response_types_supported: [],
    token_endpoint_auth_methods_supported: authMethods,
    introspection_endpoint_auth_methods_supported: authMethods,
    revocation_endpoint_auth_methods_supported: authMethods,
    ...(serviceDocumentation !== undefined && {
      service_documentation: serviceDocumentation,
    }),
  }
}
