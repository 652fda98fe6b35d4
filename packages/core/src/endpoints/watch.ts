import { randomUUID } from '../crypto.ts'
import type { Client } from '../domain/client.ts'
import type { Credential } from '../domain/credential.ts'
import type { Emit, RequestRefused } from '../domain/event.ts'
import { OAuthError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { EndpointRequest } from '../protocol/endpoint-request.ts'

/** A request that has a name. */
export type NamedRequest = EndpointRequest & { readonly requestId: string }

/** To be told who sent the request, as soon as it is known, so that an event about its refusal can say so. */
export type Seen = (client: Client, credential?: Credential) => void

/** Wraps the steps of an endpoint: gives the request a name, and tells of every refusal in an event of the given type. */
export type Watch = <Answer>(
  type: RequestRefused['type'],
  steps: (request: NamedRequest, seen: Seen) => Promise<Answer>,
) => (request: EndpointRequest) => Promise<Answer>

/** What {@link createWatch} takes. */
export interface WatchDeps {
  readonly clock: Clock
  readonly emit: Emit
}

/** Whatever goes wrong in an endpoint leaves it as an `OAuthError`, and as one event: the authenticator tells of its own. */
export function createWatch({ clock, emit }: WatchDeps): Watch {
  return (type, steps) => async (request) => {
    const named = request.requestId === undefined ? { ...request, requestId: randomUUID() } : (request as NamedRequest)
    let client: Client | undefined
    let credential: Credential | undefined
    try {
      return await steps(named, (seenClient, seenCredential) => {
        client = seenClient
        credential = seenCredential
      })
    } catch (thrown) {
      const error = asOAuthError(thrown)
      // The authenticator tells of its own refusals; a grant that says `invalid_client` comes after it.
      if (error.code !== 'invalid_client' || client !== undefined)
        emit({
          type,
          at: clock.now(),
          requestId: named.requestId,
          ...(client && { clientId: client.id }),
          ...(credential && { credentialId: credential.id }),
          error: error.code,
          reason: error.reason ?? error.message,
        })
      throw error
    }
  }
}

/** A fault that nobody foresaw is the server's, and is told to nobody but the operator. */
export function asOAuthError(thrown: unknown): OAuthError {
  if (thrown instanceof OAuthError) return thrown
  const reason = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : 'something was thrown that is no error'
  return new OAuthError('server_error', 'the server failed', {
    reason,
    cause: thrown,
  })
}
