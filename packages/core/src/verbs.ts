import type { ClientAuthMethod, PresentedCredentials } from './client-auth/client-auth-method.ts'
import type { AuthenticatedClient, ClientAuthenticator } from './client-auth/client-authenticator.ts'
import { randomUUID } from './crypto.ts'
import type { Client } from './domain/client.ts'
import type { Confirmation } from './domain/confirmation.ts'
import type { Resource } from './domain/resource.ts'
import { grantScopes } from './domain/scope.ts'
import { OAuthError } from './errors.ts'
import { clientCredentials } from './grants/client-credentials.ts'
import type { ResourceTargets } from './grants/resource-targets.ts'
import type { TokenStore } from './ports/token-store.ts'
import { type ClientIdAndSecret, isPlausible } from './protocol/basic-credentials.ts'
import type { AccessToken, TokenMinter } from './tokens/token-minter.ts'

/** What a client shows of itself, and what it wants. */
export interface VerifyClientRequest extends ClientIdAndSecret {
  /** The scopes that it asks for, as the `scope` parameter has them; without it, its default ones. */
  readonly scope?: string | undefined
  /** The identifiers of the resources that it wants a token for. */
  readonly resources?: readonly string[] | undefined
}

/** A client that is who it says, the scopes that it may have, and the resources that it may have them for. */
export interface VerifiedClient extends AuthenticatedClient {
  readonly resources: readonly Resource[]
  readonly scopes: readonly string[]
}

/** What a token is to say. */
export interface CreateTokenRequest {
  readonly client: Client
  readonly scopes: readonly string[]
  /** For whom the token is meant: what `verifyClient` found. The default audience where there is none. */
  readonly resources?: readonly Resource[] | undefined
  /** In whose name: the client itself by default. The calling program vouches for any other. */
  readonly subject?: string | undefined
  /** The credential by which the client authenticated, for the record. */
  readonly credentialId?: string | undefined
  /** What whoever shows the token must prove to hold. The calling program has seen a proof of it already. */
  readonly confirmation?: Confirmation | undefined
}

/** The steps of a token request one by one, for programs that take some of them into their own hands. */
export interface Verbs {
  /**
   * Is the client who it says it is, and may it have these scopes? Scopes are judged only after the secret. Under a profile
   * that takes no secrets nobody is.
   *
   * @throws OAuthError `invalid_client`, `unauthorized_client`, `invalid_target`, `invalid_scope`, `temporarily_unavailable`
   */
  verifyClient(request: VerifyClientRequest): Promise<VerifiedClient>
  /**
   * Makes a token and remembers nothing.
   *
   * @throws OAuthError `server_error` when a hook fails, or `confirmation` is missing under a profile that issues no token
   * without; `temporarily_unavailable`
   */
  createToken(request: CreateTokenRequest): Promise<AccessToken>
  /**
   * Remembers a token, so that it becomes active. Hand it out only afterwards. Of a self-contained one nothing is
   * remembered. @throws OAuthError `temporarily_unavailable`
   */
  storeToken(token: Pick<AccessToken, 'record'> & Partial<Pick<AccessToken, 'format'>>): Promise<void>
}

/** What {@link createVerbs} takes. */
export interface VerbsDeps {
  readonly authenticator: ClientAuthenticator
  readonly present: (pair: ClientIdAndSecret) => PresentedCredentials
  /** What stands against secrets, where none is taken; without it each counts, whatever method its client is registered for. */
  readonly refuse?: ClientAuthMethod | undefined
  readonly targets: ResourceTargets
  readonly minter: TokenMinter
  readonly tokens: TokenStore
}

/** The verbs over the same parts that the token endpoint uses. */
export const createVerbs = ({ authenticator, present, refuse, targets, minter, tokens }: VerbsDeps): Verbs => ({
  async verifyClient({ clientId, clientSecret, scope, resources: identifiers = [] }) {
    const presented = [{ clientId, clientSecret }].filter(isPlausible).map(present)
    const authenticated = await authenticator.verify(presented, randomUUID(), refuse)
    if (!authenticated.client.grantTypes.includes(clientCredentials.type))
      throw new OAuthError('unauthorized_client', 'the client may not use this grant type')
    const { client } = authenticated
    const resources = await targets.named([...new Set(identifiers)], client)
    // RFC 6749 §3.2: without a value is as if it were omitted.
    const scopes = grantScopes(scope === '' ? undefined : scope, client, resources)
    await targets.judge(scopes, client, resources)
    return { ...authenticated, resources, scopes }
  },
  createToken: async ({ client, scopes, resources, subject = client.id, credentialId, confirmation }) =>
    minter.mint({
      client,
      scopes,
      resources,
      subject,
      credentialId,
      confirmation,
      requestId: randomUUID(),
    }),
  storeToken: async ({ format, record }) => {
    if (format !== 'jwt') await tokens.save(record)
  },
})
