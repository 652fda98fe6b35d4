import type { Client } from '../domain/client.ts'
import type { Credential } from '../domain/credential.ts'
import { isLive } from '../domain/credential.ts'
import type { Emit } from '../domain/event.ts'
import { OAuthError } from '../errors.ts'
import type { ClientRepository } from '../ports/client-repository.ts'
import type { Clock } from '../ports/clock.ts'
import type { ReplayGuard } from '../ports/replay-guard.ts'
import { quoted } from '../protocol/bearer.ts'
import type { EndpointRequest } from '../protocol/endpoint-request.ts'
import type { ClientAuthMethod, PresentedCredentials, SingleUse } from './client-auth-method.ts'
import type { CredentialUseRecorder } from './credential-use-recorder.ts'

/** Who a client turned out to be, and by which of its credentials. */
export interface AuthenticatedClient {
  readonly client: Client
  readonly credential: Credential
}

/** A request whose client is known, and which may turn out to repeat another. */
export interface AuthenticatedRequest extends AuthenticatedClient {
  /**
   * Claims what of the credentials may be used once only; `undefined` where there is nothing of the kind. To be called before
   * anything is done for the client, and after all that the client is to repeat the request for.
   *
   * @throws OAuthError `invalid_client`, the same as for every other reason; `temporarily_unavailable`
   */
  readonly claimOnce: (() => Promise<void>) | undefined
}

/** Finds out which client sent a request (RFC 6749 §2.3, §3.2.1). */
export interface ClientAuthenticator {
  /**
   * Exactly one method extracts; each of its readings is tried in turn. `seen` is told as soon as it is known who it is.
   *
   * @throws OAuthError `invalid_client`, the same for every reason; `invalid_request` for two methods at once or a
   * `client_id` that is not the authenticated one; `temporarily_unavailable` when the backend is away.
   */
  authenticate(
    request: EndpointRequest & { readonly requestId: string },
    seen: (client: Client, credential: Credential) => void,
  ): Promise<AuthenticatedRequest>
  /** The same for credentials that are in hand already; without a method, whatever method the client is registered for. */
  verify(
    presented: readonly PresentedCredentials[],
    requestId: string,
    method?: ClientAuthMethod,
  ): Promise<AuthenticatedClient>
  /** How many methods a request uses, whether this server knows them or not. */
  countMethods(request: EndpointRequest): number
}

/** What {@link createClientAuthenticator} takes. */
export interface ClientAuthenticatorDeps {
  /** Shown as the realm of the challenge. */
  readonly issuer: string
  readonly clients: ClientRepository
  readonly methods: readonly ClientAuthMethod[]
  readonly uses: CredentialUseRecorder
  /** Lets pass once what may be used once. Without it nothing of the kind passes. */
  readonly replays?: ReplayGuard | undefined
  readonly clock: Clock
  readonly emit: Emit
}

/** Why one reading of a request did not pass. */
interface Refusal {
  readonly reason: string
  readonly client: Client | undefined
  readonly credential: Credential | undefined
}

/** Builds the authenticator over the methods that the server knows. */
export function createClientAuthenticator(deps: ClientAuthenticatorDeps): ClientAuthenticator {
  const { clients, methods, uses, replays, clock, emit } = deps
  // RFC 6749 §5.2 asks for a challenge when the header was used; RFC 9110 §15.5.2 asks for one with every 401.
  const challenge = `Basic realm=${quoted(deps.issuer)}, charset="UTF-8"`

  function fail(reason: string, requestId: string, client?: Client, credential?: Credential): never {
    emit({
      type: 'client_authentication_failed',
      at: clock.now(),
      requestId,
      ...(client && { clientId: client.id }),
      ...(credential && { credentialId: credential.id }),
      reason,
    })
    throw new OAuthError('invalid_client', 'client authentication failed', {
      reason,
      challenge,
    })
  }

  /** The client whose reading passes. */
  async function find(
    presented: readonly PresentedCredentials[],
    requestId: string,
    method?: ClientAuthMethod,
  ): Promise<AuthenticatedRequest> {
    const now = clock.now()
    const refusals: Refusal[] = []
    for (const reading of presented) {
      const client = await clients.find(reading.clientId)
      const reason = reasonToRefuse(client, method)
      const verified = reading.verify({ client, now, mayPass: reason === undefined })
      const credential = verified instanceof Promise ? await verified : verified
      if (reason === undefined && client !== undefined && credential !== undefined && isLive(credential, now)) {
        uses.note(client.id, credential.id, now)
        const use = reading.singleUse?.()
        return { client, credential, claimOnce: use && (() => claim(use, requestId, client, credential)) }
      }
      refusals.push({ reason: reason ?? reading.fault?.() ?? reasonToDistrust(credential), client, credential })
    }
    // The reading that came closest is told of: the raw one of an encoded id is nobody's, and would hide whose the other was.
    const closest =
      refusals.find(({ credential }) => credential) ?? refusals.find(({ client }) => client) ?? refusals[0]
    return fail(closest?.reason ?? 'the credentials are malformed', requestId, closest?.client, closest?.credential)
  }

  async function claim(use: SingleUse, requestId: string, client: Client, credential: Credential): Promise<void> {
    if (replays === undefined || !(await replays.claim(use.key, use.expiresAt)))
      fail('the credentials may be used once, and were used before', requestId, client, credential)
  }

  return {
    async verify(presented, requestId, method) {
      const { client, credential, claimOnce } = await find(presented, requestId, method)
      await claimOnce?.()
      return { client, credential }
    },
    countMethods: (request) => methods.filter((method) => method.extract(request) !== undefined).length,
    async authenticate(request, seen) {
      let used: ClientAuthMethod | undefined
      let presented: readonly PresentedCredentials[] = []
      for (const method of methods) {
        const found = method.extract(request)
        if (found === undefined) continue
        // RFC 6749 §2.3: the client MUST NOT use more than one authentication method in each request.
        if (used !== undefined) throw tooManyMethods()
        used = method
        presented = found
      }
      if (used === undefined) return fail('no client authentication', request.requestId)
      const authenticated = await find(presented, request.requestId, used)
      const { client } = authenticated
      seen(client, authenticated.credential)
      const clientId = request.form.get('client_id')
      if (clientId !== undefined && clientId !== client.id)
        throw new OAuthError('invalid_request', 'client_id is not the client that authenticated')
      return authenticated
    },
  }
}

/** For whoever looks for other credentials beside these. */
export const tooManyMethods = (): OAuthError =>
  new OAuthError('invalid_request', 'more than one client authentication method was used')

/** Why the client may not pass, whatever it presents. Told only after that was verified, so that time does not tell it. */
function reasonToRefuse(client: Client | undefined, method: ClientAuthMethod | undefined): string | undefined {
  if (client === undefined) return 'no such client'
  if (!client.enabled) return 'the client is disabled'
  if (method?.refused !== undefined) return method.refused
  const only = client.tokenEndpointAuthMethod
  if (method !== undefined && only !== undefined && !method.names.includes(only))
    return `the client is registered for ${only}`
  return undefined
}

const reasonToDistrust = (credential: Credential | undefined): string =>
  credential === undefined ? 'none of its credentials matches' : 'the credential is not live at this time'
