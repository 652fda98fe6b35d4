import type { PresentedCredentials } from './client-auth/client-auth-method.ts'
import type { AuthenticatedClient, ClientAuthenticator } from './client-auth/client-authenticator.ts'
import { randomUUID } from './crypto.ts'
import type { Client } from './domain/client.ts'
import { grantScopes } from './domain/scope.ts'
import { OAuthError } from './errors.ts'
import { clientCredentials } from './grants/client-credentials.ts'
import type { TokenStore } from './ports/token-store.ts'
import { type ClientIdAndSecret, isPlausible } from './protocol/basic-credentials.ts'
import type { AccessToken, TokenMinter } from './tokens/token-minter.ts'

/** What a client shows of itself, and what it wants. */
export interface VerifyClientRequest extends ClientIdAndSecret {
  /** The scopes that it asks for, as the `scope` parameter has them; without it, its default ones. */
  readonly scope?: string | undefined
}

/** A client that is who it says, and the scopes that it may have. */
export interface VerifiedClient extends AuthenticatedClient {
  readonly scopes: readonly string[]
}

/** What a token is to say. */
export interface CreateTokenRequest {
  readonly client: Client
  readonly scopes: readonly string[]
  /** In whose name: the client itself by default. The calling program vouches for any other. */
  readonly subject?: string | undefined
  /** The credential by which the client authenticated, for the record. */
  readonly credentialId?: string | undefined
}

/** The steps of a token request one by one, for programs that take some of them into their own hands. */
export interface Verbs {
  /**
   * Is the client who it says it is, and may it have these scopes? Scopes are judged only after the secret.
   *
   * @throws OAuthError `invalid_client`, `unauthorized_client`, `invalid_scope`, `temporarily_unavailable`
   */
  verifyClient(request: VerifyClientRequest): Promise<VerifiedClient>
  /** Makes a token and remembers nothing. @throws OAuthError `server_error` when a hook fails, `temporarily_unavailable` */
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
  readonly minter: TokenMinter
  readonly tokens: TokenStore
}

/** The verbs over the same parts that the token endpoint uses. */
export const createVerbs = ({ authenticator, present, minter, tokens }: VerbsDeps): Verbs => ({
  async verifyClient({ clientId, clientSecret, scope }) {
    const presented = [{ clientId, clientSecret }].filter(isPlausible).map(present)
    const authenticated = await authenticator.verify(presented, randomUUID())
    if (!authenticated.client.grantTypes.includes(clientCredentials.type))
      throw new OAuthError('unauthorized_client', 'the client may not use this grant type')
    return {
      ...authenticated,
      // RFC 6749 §3.2: without a value is as if it were omitted.
      scopes: grantScopes(scope === '' ? undefined : scope, authenticated.client),
    }
  },
  createToken: ({ client, scopes, subject = client.id, credentialId }) =>
    minter.mint({
      client,
      scopes,
      subject,
      credentialId,
      requestId: randomUUID(),
    }),
  storeToken: async ({ format, record }) => {
    if (format !== 'jwt') await tokens.save(record)
  },
})
