/**
 * An OAuth 2.0 authorization server for machines, without a network and without a database.
 *
 * @module
 */
export {
  type AuthorizationServer,
  createAuthorizationServer,
} from './authorization-server.ts'
export {
  type CachedClients,
  type CachedClientsOptions,
  createCachedClients,
  DEFAULT_CLIENT_MAX_AGE,
  DEFAULT_CLIENT_MAX_AGE_WITHOUT_CHANGES,
  forgettingWrites,
} from './cached-clients.ts'
export {
  type CachedResources,
  type CachedResourcesOptions,
  createCachedResources,
  DEFAULT_RESOURCE_MAX_AGE,
  forgettingResourceWrites,
} from './cached-resources.ts'
export type { AuthenticatedClient } from './client-auth/client-authenticator.ts'
export { type ClientOfFile, clientOfFile } from './client-auth/client-of-file.ts'
export {
  type GeneratedSecret,
  generateSecret,
} from './client-auth/generated-secret.ts'
export { hashSecret } from './client-auth/hash-secret.ts'
export { clientFromRegistration } from './client-auth/registered-client.ts'
export {
  addClient,
  type ClientLifecycleDeps,
  removeCompromisedCredential,
  revokeTokensOfClient,
} from './client-lifecycle.ts'
export type { AccessTokenRecord, TokenId } from './domain/access-token.ts'
export { ACCESS_TOKEN_FORMATS, type AccessTokenFormat } from './domain/access-token-format.ts'
export {
  CLIENT_ID_PATTERN,
  type Client,
  type ClientDefinition,
  type ClientScope,
  defineClient,
  type IntrospectRight,
  type ScopePolicy,
} from './domain/client.ts'
export {
  type AssertionAlgorithm,
  CLIENT_AUTH_METHODS,
  type ClientAuthMethodName,
} from './domain/client-auth-methods.ts'
export { type Confirmation, isConfirmed } from './domain/confirmation.ts'
export type {
  Credential,
  CredentialOrigin,
  JwksCredential,
  JwksUriCredential,
  SecretCredential,
  SecretHash,
  TlsClientAuthCredential,
  TrustedIssuerCredential,
} from './domain/credential.ts'
export type { CredentialUse } from './domain/credential-use.ts'
export type { EpochSeconds } from './domain/epoch-seconds.ts'
export type {
  ClaimsIgnored,
  ClientAuthenticationFailed,
  CredentialUsesLost,
  DomainEvent,
  RequestRefused,
  RevocationIgnored,
  SigningKeyAdded,
  SigningKeyRefused,
  SigningKeyRemoved,
  SigningKeysStale,
  TokenIssued,
  TokenRevoked,
} from './domain/event.ts'
export { type ClientUnderFapi2, FAPI2_ALGORITHMS, problemsUnderFapi2 } from './domain/fapi2.ts'
export type { JsonObject, JsonValue } from './domain/json-value.ts'
export type { RegisteredKey } from './domain/registered-key.ts'
export { defineResource, type Resource, type ResourceDefinition } from './domain/resource.ts'
export { parseScope } from './domain/scope.ts'
export {
  isSharedSecretAlgorithm,
  SHARED_SECRET_ALGORITHMS,
  type SharedSecretAlgorithm,
} from './domain/shared-secret-algorithms.ts'
export {
  type PublicKeyMembers,
  SIGNING_ALGORITHMS,
  type SigningAlgorithm,
  type SigningKeyRecord,
  type SigningKeySet,
} from './domain/signing-key.ts'
export { STATUS_LIST_SIZE, type StatusReference } from './domain/status-reference.ts'
export type { KeyEncryptionAlgorithm, PublicKeyEncryption } from './domain/token-encryption.ts'
export type { DpopOptions } from './dpop.ts'
export {
  answerResponse,
  documentResponse,
  type EndpointResponse,
  errorResponse,
  signedAnswerResponse,
  tokenResponse,
} from './endpoints/endpoint-response.ts'
export type { IntrospectionEndpoint, SignedIntrospectionEndpoint } from './endpoints/introspection-endpoint.ts'
export type { JwksEndpoint, JwksRequest } from './endpoints/jwks-endpoint.ts'
export type {
  EndpointPaths,
  MetadataEndpoint,
  ServerMetadata,
} from './endpoints/metadata-endpoint.ts'
export type { RevocationEndpoint } from './endpoints/revocation-endpoint.ts'
export type { StatusListEndpoint, StatusListRequest } from './endpoints/status-list-endpoint.ts'
export type { TokenEndpoint } from './endpoints/token-endpoint.ts'
export {
  OAUTH_ERRORS,
  OAuthError,
  type OAuthErrorCode,
  type OAuthErrorOptions,
} from './errors.ts'
export type { EventListener } from './event-dispatcher.ts'
export { clientCredentials } from './grants/client-credentials.ts'
export type { Authorization, Grant, GrantRequest } from './grants/grant.ts'
export { checkIssuer, isLoopback } from './issuer.ts'
export type { SharedKeyEncryption } from './jose/nested-jwe.ts'
export { createTokenDecrypter, type TokenDecrypter } from './jose/token-decrypter.ts'
export { verificationKeyOf } from './jose/verification-key.ts'
export { type JwsExpectation, type JwsVerdict, type VerificationKey, verifyJws } from './jose/verify-jws.ts'
export type { KeyRing, ListedKey } from './keys/key-ring.ts'
export type { MasterKeyOptions } from './keys/master-key.ts'
export { checkMasterKey } from './keys/master-key.ts'
export { type OwnKeys, type OwnKeysOptions, openOwnKeys } from './keys/own-keys.ts'
export type { KeyState, RotationSchedule } from './keys/rotation-schedule.ts'
export type { MutualTlsOptions } from './mutual-tls.ts'
export { type KeyRingOptions, type OpenKeyRing, openKeyRing } from './open-key-ring.ts'
export {
  type AuthorizationServerOptions,
  DEFAULT_ACCESS_TOKEN_LIFETIME,
  DEFAULT_MAX_ASSERTION_LIFETIME,
  DEFAULT_STATUS_LIST_TTL,
  type StatusListOptions,
} from './options.ts'
export type { Adapter, OpenAdapter } from './ports/adapter.ts'
export type { ClientChanges, Unsubscribe } from './ports/client-changes.ts'
export type {
  ClientPage,
  ClientPageRequest,
  ClientRegistry,
} from './ports/client-registry.ts'
export type { ClientRepository } from './ports/client-repository.ts'
export { type Clock, systemClock } from './ports/clock.ts'
export type { CredentialUses } from './ports/credential-uses.ts'
export type { Migrations } from './ports/migrations.ts'
export type { RefusedDocument, RemoteDocument, RemoteDocuments } from './ports/remote-documents.ts'
export type { ReplayGuard } from './ports/replay-guard.ts'
export type { ResourceRegistry } from './ports/resource-registry.ts'
export type { ResourceRepository } from './ports/resource-repository.ts'
export type { SecretOwner, SecretSeal } from './ports/secret-seal.ts'
export type { PublishedKey, Signer, SigningKey } from './ports/signer.ts'
export type { SigningKeyStore } from './ports/signing-key-store.ts'
export type { StatusBlock, StatusIndexes } from './ports/status-indexes.ts'
export type { Sweeper } from './ports/sweeper.ts'
export type { TokenStore } from './ports/token-store.ts'
export { PROFILES, type Profile } from './profile.ts'
export { certificateThumbprintOf } from './proof-of-possession/certificate-thumbprint.ts'
export {
  checkDpopNonceSecret,
  createDpopNonces,
  type DpopNonceSecrets,
  type DpopNonces,
} from './proof-of-possession/dpop-nonces.ts'
export {
  type DpopExpectation,
  type DpopProof,
  type DpopVerdict,
  verifyDpopProof,
} from './proof-of-possession/dpop-proof.ts'
export type { ClientCertificate } from './protocol/client-certificate.ts'
export {
  type RegisteredClient,
  readClientMetadata,
} from './protocol/client-metadata.ts'
export { type ClientsFile, parseClientsFile } from './protocol/clients-file.ts'
export { confirmationClaim, readConfirmationClaim } from './protocol/confirmation-claim.ts'
export type { EndpointRequest } from './protocol/endpoint-request.ts'
export { type Form, formOf, parseForm } from './protocol/form.ts'
export { checkFormHeaders, type FormHeaders } from './protocol/form-headers.ts'
export type {
  ActiveToken,
  InactiveToken,
  IntrospectionResponse,
} from './protocol/introspection-response.ts'
export { nearestName } from './protocol/nearest-name.ts'
export { proofAddressOf } from './protocol/proof-address.ts'
export type { RegisteredSecret } from './protocol/registered-secret.ts'
export { readResourceMetadata } from './protocol/resource-metadata.ts'
export { parseStrictJson } from './protocol/strict-json.ts'
export type { TokenResponse } from './protocol/token-response.ts'
export { createSecretSeal } from './secret-seal.ts'
export {
  type BearerChallenge,
  type BearerCheckDeps,
  type BearerQuestion,
  type BearerRefusal,
  type BearerVerdict,
  type BearerVerifier,
  bearerRefusal,
  checkBearer,
} from './tokens/bearer-check.ts'
export type { ClaimsContext, ClaimsHook } from './tokens/custom-claims.ts'
export type { SharedSecret } from './tokens/keys-of-secret.ts'
export { tokenIdOf } from './tokens/opaque-token.ts'
export type {
  AccessToken,
  AccessTokenLifetime,
} from './tokens/token-minter.ts'
export type {
  RecognisedToken,
  TokenQuestion,
  TokenVerdict,
} from './tokens/token-verifier.ts'
export type {
  CreateTokenRequest,
  Verbs,
  VerifiedClient,
  VerifyClientRequest,
} from './verbs.ts'
