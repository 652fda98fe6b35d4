import type { OAuthErrorCode } from '../errors.ts'
import type { TokenId } from './access-token.ts'
import type { EpochSeconds } from './epoch-seconds.ts'
import type { SigningAlgorithm } from './signing-key.ts'

/** What every event tells. No event holds a secret or a token, nor anything else that a stranger sent. */
interface EventBase {
  readonly at: EpochSeconds
  readonly requestId: string
  /** The client concerned, where one is known. An id that nobody holds is not repeated: it may be a secret in the wrong field. */
  readonly clientId?: string
  readonly credentialId?: string
}

/** A client got a token. */
export interface TokenIssued extends EventBase {
  readonly type: 'token_issued'
  readonly clientId: string
  readonly tokenId: TokenId
  readonly grantType: string
  readonly subject: string
  readonly scopes: readonly string[]
  readonly audience: readonly string[]
  readonly expiresAt: EpochSeconds
}

/** A client made its own token inactive. */
export interface TokenRevoked extends EventBase {
  readonly type: 'token_revoked'
  readonly clientId: string
  readonly tokenId: TokenId
}

/** A client tried to revoke a token that is another's: answered as if the token were unknown. */
export interface RevocationIgnored extends EventBase {
  readonly type: 'revocation_ignored'
  readonly clientId: string
  readonly tokenId: TokenId
  readonly ownerId: string
}

/** Somebody failed to authenticate as a client. */
export interface ClientAuthenticationFailed extends EventBase {
  readonly type: 'client_authentication_failed'
  readonly reason: string
}

/** A request was refused, or failed, at an endpoint, for another reason than client authentication. */
export interface RequestRefused extends EventBase {
  readonly type: 'token_refused' | 'introspection_refused' | 'revocation_refused'
  readonly error: OAuthErrorCode
  /** The operator's reason. */
  readonly reason: string
}

/** The `claims` hook tried to set claims that it may not: they were left out. */
export interface ClaimsIgnored extends EventBase {
  readonly type: 'claims_ignored'
  readonly clientId: string
  readonly names: readonly string[]
}

/** When credentials were last used could not be written down. No request suffers. */
export interface CredentialUsesLost extends EventBase {
  readonly type: 'credential_uses_lost'
  readonly count: number
  readonly reason: string
}

/** A key was added to those that sign tokens. It is published from now on. */
export interface SigningKeyAdded extends EventBase {
  readonly type: 'signing_key_added'
  readonly kid: string
  readonly alg: SigningAlgorithm
  readonly signsFrom: EpochSeconds
}

/** A key was removed: tokens that it signed are good no more. */
export interface SigningKeyRemoved extends EventBase {
  readonly type: 'signing_key_removed'
  readonly kid: string
}

/** A stored key cannot be opened, or was changed. It is neither published nor used. */
export interface SigningKeyRefused extends EventBase {
  readonly type: 'signing_key_refused'
  readonly kid: string
  readonly reason: string
}

/** The stored keys could not be looked at. Those that are known go on. */
export interface SigningKeysStale extends EventBase {
  readonly type: 'signing_keys_stale'
  readonly reason: string
}

/** Something that happened, for audit and metrics to hang on. */
export type DomainEvent =
  | TokenIssued
  | TokenRevoked
  | RevocationIgnored
  | ClientAuthenticationFailed
  | RequestRefused
  | ClaimsIgnored
  | CredentialUsesLost
  | SigningKeyAdded
  | SigningKeyRemoved
  | SigningKeyRefused
  | SigningKeysStale

/** Tells of an event. Never throws and never waits. */
export type Emit = (event: DomainEvent) => void
