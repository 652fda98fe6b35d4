/**
 * What must not compile. Nothing here runs: the type check of the repository reads this file, and complains of every
 * `@ts-expect-error` that expects an error in vain.
 */
import {
  type AccessTokenRecord,
  type AuthorizationServer,
  type AuthorizationServerOptions,
  type Client,
  type ClientRepository,
  createAuthorizationServer,
  type DomainEvent,
  defineClient,
  formOf,
  type Grant,
  type IntrospectionResponse,
  OAuthError,
  type OAuthErrorCode,
  type TokenStore,
} from '../src/index.ts'

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const assert = <_Condition extends true>(): void => undefined

declare const server: AuthorizationServer
declare const client: Client
declare const record: AccessTokenRecord
declare const clients: ClientRepository
declare const tokens: TokenStore
declare const answer: IntrospectionResponse

// Clients.
defineClient({ id: 'reports', scopes: { read: true } })
defineClient({ id: 'reports', scopes: [{ name: 'read', enabled: true }] })
// @ts-expect-error a client has an id
defineClient({})
// @ts-expect-error a scope is enabled or not
defineClient({ id: 'reports', scopes: { read: 'yes' } })
// @ts-expect-error a list of scopes says of each whether it is enabled
defineClient({ id: 'reports', scopes: ['read'] })
// @ts-expect-error there are two policies
defineClient({ id: 'reports', scopePolicy: 'loose' })
// @ts-expect-error there are two rights
defineClient({ id: 'reports', introspect: 'all' })
// @ts-expect-error there are no public clients
defineClient({ id: 'reports', tokenEndpointAuthMethod: 'none' })
// @ts-expect-error a member that nobody knows
defineClient({ id: 'reports', redirectUris: [] })
// @ts-expect-error a secret is never kept in clear
defineClient({ id: 'reports', credentials: [{ kind: 'secret', id: 'a', secret: 'hunter2' }] })
// @ts-expect-error a hash says how it was made
defineClient({ id: 'reports', credentials: [{ kind: 'secret', id: 'a', hash: 'hunter2' }] })
// @ts-expect-error a client is never changed in place
client.enabled = false
// @ts-expect-error nor is what it holds
client.scopes.push({ name: 'admin', enabled: true })

// Errors.
new OAuthError('invalid_scope', 'a sentence', { reason: 'for the operator', status: 400 })
// @ts-expect-error a code that the table does not have
new OAuthError('invalid_scopes', 'a sentence')
// @ts-expect-error an option that nobody knows
new OAuthError('invalid_scope', 'a sentence', { description: 'x' })
assert<
  Equals<
    OAuthErrorCode,
    | 'invalid_request'
    | 'invalid_client'
    | 'unauthorized_client'
    | 'unsupported_grant_type'
    | 'invalid_scope'
    | 'invalid_target'
    | 'unsupported_token_type'
    | 'invalid_dpop_proof'
    | 'use_dpop_nonce'
    | 'invalid_token'
    | 'insufficient_scope'
    | 'server_error'
    | 'temporarily_unavailable'
  >
>()

// Events.
export function tellApart(event: DomainEvent): string {
  switch (event.type) {
    case 'token_issued':
      return `${event.clientId} ${event.tokenId} ${event.scopes.length}`
    case 'token_revoked':
      return event.tokenId
    case 'revocation_ignored':
      return event.ownerId
    case 'client_authentication_failed':
      // @ts-expect-error nobody may be known
      return event.clientId
    case 'token_refused':
    case 'introspection_refused':
    case 'revocation_refused':
      return event.error
    case 'claims_ignored':
      return event.names.join()
    case 'credential_uses_lost':
      return `${event.count}`
    case 'signing_key_added':
      return `${event.kid} ${event.alg} ${event.signsFrom}`
    case 'signing_key_removed':
      return event.kid
    case 'signing_key_refused':
      return `${event.kid} ${event.reason}`
    case 'signing_keys_stale':
      return event.reason
    // @ts-expect-error an event that does not exist
    case 'token_stolen':
      return ''
  }
}

// Options.
createAuthorizationServer({ issuer: 'https://auth.example.com', clients, tokens })
// @ts-expect-error without tokens there is no server
createAuthorizationServer({ issuer: 'https://auth.example.com', clients })
// @ts-expect-error an option that nobody knows
createAuthorizationServer({ issuer: 'https://auth.example.com', clients, tokens, secret: 'x' })
// @ts-expect-error a lifetime is a number, or a function that returns one at once
createAuthorizationServer({ issuer: 'https://auth.example.com', clients, tokens, accessTokenLifetime: async () => 60 })
const since = () => ({ since: new Date() })
// @ts-expect-error claims are JSON
createAuthorizationServer({ issuer: 'https://auth.example.com', clients, tokens, claims: since })
// @ts-expect-error a store has every method of its port
export const partial: AuthorizationServerOptions['tokens'] = { save: async () => undefined }

// Requests and answers.
void server.token({ authorization: undefined, form: formOf({ scope: undefined }) })
// @ts-expect-error a request has a form
void server.token({ authorization: 'Basic x' })
// @ts-expect-error a form is read, never an object of somebody's parser
void server.token({ form: { grant_type: 'client_credentials' } })
// @ts-expect-error only an active token has a client
export const nobody: string = answer.client_id
export const somebody: string | undefined = answer.active ? answer.client_id : undefined
// @ts-expect-error the name of a token is made of the token, never any text
void tokens.find('lk_at_x')
void tokens.find(record.id)
// @ts-expect-error a grant names its type and authorizes
export const grant: Grant = { type: 'x' }

/** A verdict that must be looked at before the token is used. */
export async function judge(token: string): Promise<string> {
  const verdict = await server.verifyAccessToken({ token })
  // @ts-expect-error nothing is known of a token that was not verified
  void verdict.record
  return verdict.ok ? verdict.record.clientId : verdict.error
}
