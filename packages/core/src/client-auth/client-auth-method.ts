import type { Client } from '../domain/client.ts'
import type { ClientAuthMethodName } from '../domain/client-auth-methods.ts'
import type { Credential } from '../domain/credential.ts'
import type { EpochSeconds } from '../domain/epoch-seconds.ts'
import type { EndpointRequest } from '../protocol/endpoint-request.ts'

/** What a credential is verified against. */
export interface VerificationContext {
  /** `undefined` when there is no client of that id. */
  readonly client: Client | undefined
  readonly now: EpochSeconds
  /**
   * Whether the request will pass if the credential is right and live. Only then may a shortcut be taken: elsewhere its
   * speed would tell that the credential was right.
   */
  readonly mayPass: boolean
}

/** What may pass once and never again: the `jti` of an assertion (RFC 7523 §3). */
export interface SingleUse {
  /** What a `ReplayGuard` is to claim; no two clients may share one. */
  readonly key: string
  /** From this second on the credentials are refused for their age. */
  readonly expiresAt: EpochSeconds
}

/** One reading of what a request presents: as whom, and how to find out whether it is true. */
export interface PresentedCredentials {
  readonly clientId: string
  /**
   * Which of the client's credentials was presented, live or not; `undefined` when none was. Takes the same work for
   * every client, for one that does not exist too, unless `mayPass`. No promise where nothing had to be waited for, which what
   * was presented decides, never the client.
   *
   * @throws when a stored credential cannot be read, or OAuthError `temporarily_unavailable` when too many wait.
   */
  verify(against: VerificationContext): Promise<Credential | undefined> | Credential | undefined
  /** What of these credentials may be used once only, once they are verified. Without it they may be used again and again. */
  singleUse?(): SingleUse | undefined
  /** Why they were not verified, where more is to be said than that nothing matches. For the operator; repeats nothing of them. */
  fault?(): string | undefined
}

/** A way of authenticating, in two steps: extract, then verify. */
export interface ClientAuthMethod {
  /**
   * What it is called; more than one name where requests by several methods look the same and the client tells which one it
   * is, and none where the server only knows of it to refuse it.
   */
  readonly names: readonly ClientAuthMethodName[]
  /** Why nobody gets in by it, where it is only looked for so that it is not overlooked beside another. For the operator. */
  readonly refused?: string
  /**
   * What a request presents by this method, in the order in which it is to be tried: empty where the method was used and
   * what it carries can be nobody's, `undefined` where it was not used.
   *
   * @throws OAuthError `invalid_request` for what is no request by any method.
   */
  extract(request: EndpointRequest): readonly PresentedCredentials[] | undefined
}
