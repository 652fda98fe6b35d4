import { createClientAuthenticator } from './client-auth/client-authenticator.ts'
import { createSecretCheck, presentedSecret } from './client-auth/client-secret.ts'
import { createCredentialUseRecorder, noCredentialUses } from './client-auth/credential-use-recorder.ts'
import { createAuthentication } from './client-authentication.ts'
import {
  createIntrospectionEndpoint,
  createSignedIntrospectionEndpoint,
  type IntrospectionEndpoint,
  type SignedIntrospectionEndpoint,
} from './endpoints/introspection-endpoint.ts'
import { createJwksEndpoint, type JwksEndpoint } from './endpoints/jwks-endpoint.ts'
import {
  createMetadata,
  createMetadataEndpoint,
  type EndpointPaths,
  endpointPaths,
  type MetadataEndpoint,
  type ServerMetadata,
} from './endpoints/metadata-endpoint.ts'
import { createRevocationEndpoint, type RevocationEndpoint } from './endpoints/revocation-endpoint.ts'
import { createStatusListEndpoint, type StatusListEndpoint } from './endpoints/status-list-endpoint.ts'
import { createTokenEndpoint, type TokenEndpoint } from './endpoints/token-endpoint.ts'
import { createWatch } from './endpoints/watch.ts'
import { createEventDispatcher } from './event-dispatcher.ts'
import { createResourceTargets } from './grants/resource-targets.ts'
import {
  guardClients,
  guardReplays,
  guardResourceList,
  guardResources,
  guardSigner,
  guardStatusIndexes,
  guardTokens,
  guardUses,
} from './guarded-ports.ts'
import { createNestedJwe } from './jose/nested-jwe.ts'
import { type AuthorizationServerOptions, type ResolvedOptions, resolveOptions } from './options.ts'
import type { Clock } from './ports/clock.ts'
import { algorithmsOf } from './profile.ts'
import { createDpopCheck, type DpopCheck, noDpop } from './proof-of-possession/dpop-check.ts'
import { type BearerQuestion, type BearerVerdict, checkBearer } from './tokens/bearer-check.ts'
import { createIntrospectionJwts } from './tokens/introspection-jwt.ts'
import { createJwtAccessTokens, type JwtAccessTokens } from './tokens/jwt-access-token.ts'
import { keysOfSecret } from './tokens/keys-of-secret.ts'
import { keysOfSigner } from './tokens/keys-of-signer.ts'
import { createStatusAllocator } from './tokens/status-allocator.ts'
import { createTokenIssuer } from './tokens/token-issuer.ts'
import { TOKEN_TYPE } from './tokens/token-keys.ts'
import { createTokenMinter } from './tokens/token-minter.ts'
import { createTokenVerifier, type TokenQuestion, type TokenVerdict } from './tokens/token-verifier.ts'
import { createVerbs, type Verbs } from './verbs.ts'

/** An authorization server without a network: give it requests, it gives answers. */
export interface AuthorizationServer extends Verbs {
  readonly issuer: string
  /** Where its endpoints belong, below the issuer's origin. */
  readonly paths: EndpointPaths
  /** RFC 8414 §2: what follows from the options alone. */
  readonly metadata: ServerMetadata
  /** RFC 8414 §3: the same as a document, with the resources that are registered. Never rejects. */
  readonly metadataDocument: MetadataEndpoint
  /** RFC 6749 §4.4. @throws OAuthError */
  readonly token: TokenEndpoint
  /** RFC 7662 §2. @throws OAuthError */
  readonly introspect: IntrospectionEndpoint
  /** RFC 9701: the same answer as a signed JWT; there exactly when keys are published. @throws OAuthError */
  readonly introspectSigned?: SignedIntrospectionEndpoint
  /** RFC 7009 §2. @throws OAuthError */
  readonly revoke: RevocationEndpoint
  /** RFC 7517 §5; there exactly when keys are published. */
  readonly jwks?: JwksEndpoint
  /** draft-ietf-oauth-status-list §8; there exactly when lists of revoked tokens are published. */
  readonly statusList?: StatusListEndpoint
  /** Checks the `Authorization` header of a request to an API (RFC 6750). @throws OAuthError `temporarily_unavailable` */
  verifyBearer(question: BearerQuestion): Promise<BearerVerdict>
  /** Checks a token that an API was shown. @throws OAuthError `temporarily_unavailable` */
  verifyAccessToken(question: TokenQuestion): Promise<TokenVerdict>
  /** Tells the last events and writes down the last uses of credentials. Call it before the backends are closed. Never rejects. */
  close(): Promise<void>
}

/**
 * Makes an authorization server of its options, which are checked here once.
 *
 * @throws TypeError that names the option which is wrong.
 */
export function createAuthorizationServer(options: AuthorizationServerOptions): AuthorizationServer {
  const { issuer, clock, defaultAudience, grants, claims, ...resolved } = resolveOptions(options)
  const clients = guardClients(resolved.clients)
  const tokens = guardTokens(resolved.tokens)
  const targets = createResourceTargets(guardResources(resolved.resources))
  const { emit, flush } = createEventDispatcher(resolved.onEvent)
  const watch = createWatch({ clock, emit })

  const uses = resolved.credentialUses
    ? createCredentialUseRecorder({ uses: guardUses(resolved.credentialUses), emit })
    : noCredentialUses
  const paths = endpointPaths(issuer, resolved.signer !== undefined, resolved.statusList !== undefined)
  const tokenEndpoints = tokenEndpointsOf(issuer, paths, resolved.mutualTls)
  const isProfiled = resolved.profile !== undefined
  // No secret lets anybody in under a profile, so that none is worth a key derivation.
  const checkSecret = createSecretCheck({ generatedSecretsOnly: isProfiled || resolved.generatedSecretsOnly })
  const authentication = createAuthentication({ ...resolved, issuer, clock, tokenEndpoints, checkSecret })
  const authenticator = createClientAuthenticator({
    issuer,
    clients,
    methods: authentication.methods,
    uses,
    replays: resolved.replays && guardReplays(resolved.replays),
    clock,
    emit,
  })

  const jwts = jwtsOf(issuer, resolved)
  const statusIndexes = resolved.statusList && guardStatusIndexes(resolved.statusList.indexes)
  const minter = createTokenMinter({
    clock,
    format: resolved.accessTokenFormat,
    jwts,
    statuses: statusIndexes && createStatusAllocator(statusIndexes),
    lifetime: resolved.accessTokenLifetime,
    defaultAudience,
    boundAlone: isProfiled,
    claims,
    emit,
  })
  const tokenIssuer = createTokenIssuer({ minter, tokens, emit })
  const verifier = createTokenVerifier({ tokens, clients, clock, jwts })

  const introspectionDeps = { issuer, authenticator, verifier, watch }
  const introspectionJwts =
    resolved.signer && createIntrospectionJwts({ issuer, signer: guardSigner(resolved.signer), clock })

  const metadata = createMetadata({
    issuer,
    paths,
    grantTypes: grants.map(({ type }) => type),
    authMethods: authentication.methods.flatMap(({ names }) => names),
    assertionAlgorithms: authentication.assertionAlgorithms,
    dpopAlgorithms: resolved.dpop && algorithmsOf(resolved.profile),
    mutualTls: resolved.mutualTls,
    introspectionAlgorithm: introspectionJwts?.presentAlgorithm(),
    serviceDocumentation: resolved.serviceDocumentation,
  })
  return {
    issuer,
    paths,
    metadata,
    metadataDocument: createMetadataEndpoint({
      metadata,
      listResources: resolved.protectedResources && guardResourceList(resolved.protectedResources),
    }),
    token: createTokenEndpoint({
      authenticator,
      grants,
      mutualTls: resolved.mutualTls !== undefined,
      dpop: dpopCheckOf(tokenEndpoints, clock, resolved),
      boundAlone: isProfiled,
      targets,
      issuer: tokenIssuer,
      watch,
    }),
    introspect: createIntrospectionEndpoint(introspectionDeps),
    ...(introspectionJwts && {
      introspectSigned: createSignedIntrospectionEndpoint({ ...introspectionDeps, jwts: introspectionJwts }),
    }),
    revoke: createRevocationEndpoint({
      authenticator,
      verifier,
      tokens,
      statusIndexes,
      clock,
      emit,
      watch,
    }),
    ...(resolved.signer && { jwks: createJwksEndpoint(resolved.signer) }),
    ...(resolved.signer &&
      resolved.statusList &&
      statusIndexes && {
        statusList: createStatusListEndpoint({
          issuer,
          indexes: statusIndexes,
          signer: guardSigner(resolved.signer),
          clock,
          ttlSeconds: resolved.statusList.ttlSeconds,
        }),
      }),
    ...createVerbs({
      authenticator,
      present: (pair) => presentedSecret(pair, checkSecret),
      refuse: authentication.secretsRefused,
      targets,
      minter,
      tokens,
    }),
    verifyBearer: (question) => checkBearer({ verifier, realm: issuer }, question),
    verifyAccessToken: verifier.verify,
    async close() {
      await uses.flush()
      flush()
    },
  }
}

/** From the issuer's name, and that of the host for certificates: never from the `Host` of a request. */
const tokenEndpointsOf = (
  issuer: string,
  { token }: EndpointPaths,
  mutualTls: ResolvedOptions['mutualTls'],
): readonly string[] =>
  [new URL(issuer).origin, ...(mutualTls?.origin ? [mutualTls.origin] : [])].map((at) => at + token)

function dpopCheckOf(
  addresses: readonly string[],
  clock: Clock,
  { dpop, replays, profile }: Pick<ResolvedOptions, 'dpop' | 'replays' | 'profile'>,
): DpopCheck {
  if (dpop === undefined || replays === undefined) return noDpop
  return createDpopCheck({
    ...dpop,
    addresses,
    clock,
    algorithms: algorithmsOf(profile),
    replays: guardReplays(replays),
  })
}

function jwtsOf(
  issuer: string,
  {
    signer,
    jwtSecret,
    accessTokenEncryption: encryption,
  }: Pick<ResolvedOptions, 'signer' | 'jwtSecret' | 'accessTokenEncryption'>,
): JwtAccessTokens | undefined {
  const keys = signer ? keysOfSigner(guardSigner(signer)) : jwtSecret && keysOfSecret(jwtSecret)
  return keys && createJwtAccessTokens({ issuer, keys, jwe: encryption && createNestedJwe(encryption, TOKEN_TYPE) })
}
