/**
 * Verifies OAuth 2.0 access tokens in an API: signed ones by the issuer's keys, others by introspection.
 *
 * @module
 */
export type { TokenTransports } from './bearer-transport.ts'
export type { CarriedRequest, NodeRequest } from './carried-request.ts'
export type { DpopOptions } from './dpop/dpop-options.ts'
export type { MutualTlsOptions } from './mutual-tls/mutual-tls-options.ts'
export { verifyNodeRequest } from './node-request.ts'
export type { IntrospectionOptions, TokenVerifierOptions } from './options.ts'
export type { Fetch } from './remote/document-fetch.ts'
export type { BearerCheck, RequestVerdict, RequiredToken } from './request-verdict.ts'
export type { ResourceMetadata, ResourceMetadataOptions } from './resource-metadata.ts'
export {
  createTokenVerifier,
  type Passed,
  type RequestQuestion,
  type TokenVerdict,
  type TokenVerifier,
} from './token-verifier.ts'
export type { VerifiedToken } from './verified-token.ts'
export type { BearerRefused, IssuerUnavailable, VerifierEvent, VerifierEventListener } from './verifier-event.ts'
export { resourceMetadataResponse, verifyRequest } from './web-request.ts'
