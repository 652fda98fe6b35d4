import { type ClientAuthenticator, tooManyMethods } from '../client-auth/client-authenticator.ts'
import type { AccessTokenRecord } from '../domain/access-token.ts'
import type { Client } from '../domain/client.ts'
import { isConfirmed } from '../domain/confirmation.ts'
import { scopeTextOf } from '../domain/scope.ts'
import { OAuthError } from '../errors.ts'
import { bearerChallenge, isBearer, readBearer } from '../protocol/bearer.ts'
import { confirmationClaim, tokenTypeOf } from '../protocol/confirmation-claim.ts'
import type { EndpointRequest } from '../protocol/endpoint-request.ts'
import type { ActiveToken, InactiveToken, IntrospectionResponse } from '../protocol/introspection-response.ts'
import type { IntrospectionJwts } from '../tokens/introspection-jwt.ts'
import type { TokenVerifier } from '../tokens/token-verifier.ts'
import type { NamedRequest, Seen, Watch } from './watch.ts'

/** What {@link createIntrospectionEndpoint} takes. */
export interface IntrospectionEndpointDeps {
  readonly issuer: string
  readonly authenticator: ClientAuthenticator
  readonly verifier: TokenVerifier
  readonly watch: Watch
}

/** Answers introspection requests (RFC 7662 §2). */
export type IntrospectionEndpoint = (request: EndpointRequest) => Promise<IntrospectionResponse>

/** Answers introspection requests with a JWT that the server has signed (RFC 9701), as its compact serialisation. */
export type SignedIntrospectionEndpoint = (request: EndpointRequest) => Promise<string>

/** What is told of a token, and to whom. */
interface Told {
  readonly caller: Client
  readonly answer: IntrospectionResponse
}

/** The scope with which a bearer token opens this endpoint, where its client may introspect any token. */
const INTROSPECT_SCOPE = 'introspect'

/** The same answer for every token that the caller has no business with, whatever the reason (RFC 7662 §2.2, §4). */
const INACTIVE: InactiveToken = { active: false }

/** The answer as an object, for JSON. */
export function createIntrospectionEndpoint(deps: IntrospectionEndpointDeps): IntrospectionEndpoint {
  const introspect = introspection(deps)
  return deps.watch('introspection_refused', async (request, seen) => (await introspect(request, seen)).answer)
}

/** The same answer, signed for the caller. */
export function createSignedIntrospectionEndpoint(
  deps: IntrospectionEndpointDeps & { readonly jwts: IntrospectionJwts },
): SignedIntrospectionEndpoint {
  const introspect = introspection(deps)
  return deps.watch('introspection_refused', async (request, seen) => {
    const { caller, answer } = await introspect(request, seen)
    return deps.jwts.sign(answer, caller.id)
  })
}

/** Authenticate the caller, recognise the token, tell the caller if it concerns it. `token_type_hint` changes nothing (§2.1). */
function introspection(deps: IntrospectionEndpointDeps): (request: NamedRequest, seen: Seen) => Promise<Told> {
  const { issuer, authenticator, verifier } = deps

  async function callerOf(request: NamedRequest, seen: Seen): Promise<Client> {
    const { authorization } = request
    if (authorization !== undefined && isBearer(authorization)) return bearerOf(request, authorization, seen)
    const { client, claimOnce } = await authenticator.authenticate(request, seen)
    if (claimOnce !== undefined) await claimOnce()
    return client
  }

  async function bearerOf(request: NamedRequest, authorization: string, seen: Seen): Promise<Client> {
    if (authenticator.countMethods(request) > 1) throw tooManyMethods()
    const token = readBearer(authorization)
    // A token that is asked about cannot vouch for the one who asks: whoever found it would learn whether it is good.
    const recognised =
      token === undefined || token === request.form.get('token') ? undefined : await verifier.recognise(token)
    if (
      recognised?.client.introspect !== 'any' ||
      !recognised.record.scopes.includes(INTROSPECT_SCOPE) ||
      !isConfirmed(recognised.record.confirmation)
    )
      throw new OAuthError('invalid_token', 'the bearer token does not open this endpoint', {
        reason:
          'the bearer token is not active, is bound to a key, is the token in question, or is not of a client that may introspect any token',
        challenge: bearerChallenge({ error: 'invalid_token' }),
      })
    seen(recognised.client)
    const clientId = request.form.get('client_id')
    if (clientId !== undefined && clientId !== recognised.client.id)
      throw new OAuthError('invalid_request', 'client_id is not the client that authenticated')
    return recognised.client
  }

  return async (request, seen) => {
    const caller = await callerOf(request, seen)
    const token = request.form.get('token')
    if (token === undefined) throw new OAuthError('invalid_request', 'token is missing')
    const recognised = await verifier.recognise(token, caller)
    if (recognised === undefined || !mayIntrospect(caller, recognised.record)) return { caller, answer: INACTIVE }
    return { caller, answer: describe(recognised.record, issuer) }
  }
}

/** A client may ask about its own tokens, about those meant for the APIs that it serves, or about any if it was given the right. */
const mayIntrospect = (caller: Client, token: AccessTokenRecord): boolean =>
  caller.id === token.clientId ||
  caller.introspect === 'any' ||
  caller.resourceServerFor.some((identifier) => token.audience.includes(identifier))

function describe(token: AccessTokenRecord, issuer: string): ActiveToken {
  const { claims, scopes, audience, confirmation } = token
  const [onlyAudience] = audience
  return {
    // First, so that nothing of it can stand in the place of what follows.
    ...claims,
    active: true,
    ...(scopes.length > 0 && { scope: scopeTextOf(scopes) }),
    client_id: token.clientId,
    token_type: tokenTypeOf(confirmation),
    exp: token.expiresAt,
    iat: token.issuedAt,
    sub: token.subject,
    aud: audience.length === 1 && onlyAudience !== undefined ? onlyAudience : audience,
    iss: issuer,
    jti: token.id,
    // Told, and not judged: whoever was shown the token was shown the proof too (RFC 9449 §6.2).
    ...(confirmation !== undefined && { cnf: confirmationClaim(confirmation) }),
  }
}
