import type { Client, ClientAuthMethodName } from '../domain/client.ts'
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

/** One reading of what a request presents: as whom, and how to find out whether it is true. */
export interface PresentedCredentials {
  readonly clientId: string
  /**
   * Which of the client's credentials was presented, live or not; `undefined` when none was. Takes the same work for
   * every client, for one that does not exist too, unless `mayPass`.
   *
   * @throws when a stored credential cannot be read, or OAuthError `temporarily_unavailable` when too many wait.
   */
  verify(against: VerificationContext): Promise<Credential | undefined>
}

/** A way of authenticating, in two steps: extract, then verify. */
export interface ClientAuthMethod {
  readonly name: ClientAuthMethodName
  /**
   * What a request presents by this method, in the order in which it is to be tried: empty where the method was used and
   * what it carries can be nobody's, `undefined` where it was not used.
   */
  extract(request: EndpointRequest): readonly PresentedCredentials[] | undefined
}
