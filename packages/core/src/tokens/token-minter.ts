import { type AccessTokenRecord, REVOCATION_MARGIN_SECONDS } from '../domain/access-token.ts'
import type { AccessTokenFormat } from '../domain/access-token-format.ts'
import type { Client } from '../domain/client.ts'
import { type Confirmation, isConfirmation } from '../domain/confirmation.ts'
import type { Emit } from '../domain/event.ts'
import type { JsonObject } from '../domain/json-value.ts'
import { joinedClaims } from '../domain/protected-claims.ts'
import type { Resource } from '../domain/resource.ts'
import { isRemembered } from '../domain/scope.ts'
import { isScopeToken } from '../domain/scope-token.ts'
import { isShortText } from '../domain/text.ts'
import { OAuthError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import { askForClaims, type ClaimsHook } from './custom-claims.ts'
import type { JwtAccessTokens, TokenProtection } from './jwt-access-token.ts'
import { generateOpaqueToken, tokenIdOf } from './opaque-token.ts'
import type { StatusAllocator } from './status-allocator.ts'

/** An access token that was made: the value that the client gets, and what there is to remember of it. */
export interface AccessToken {
  /** Of an `opaque` token the record is to be remembered, or it is worth nothing; of a `jwt` there is nothing to remember. */
  readonly format: AccessTokenFormat
  /** For the client alone. Never stored, never logged. */
  readonly value: string
  readonly record: AccessTokenRecord
}

/** What a token is made for. */
export interface MintRequest {
  readonly client: Client
  readonly subject: string
  readonly scopes: readonly string[]
  /** For whom the token is meant; the default audience where there is none. */
  readonly resources?: readonly Resource[] | undefined
  readonly credentialId?: string | undefined
  /** What the token is bound to; a bearer token without it. */
  readonly confirmation?: Confirmation | undefined
  readonly requestId: string
}

/** How long a token lives, in whole seconds above 0. */
export type AccessTokenLifetime =
  | number
  | ((context: { readonly client: Client; readonly scopes: readonly string[] }) => number)

/** Makes access tokens. Remembers nothing. */
export interface TokenMinter {
  /**
   * No promise where nothing has to be waited for: no hook, no signature, no place in a list.
   *
   * @throws OAuthError `temporarily_unavailable` while the tokens of the client are void, `server_error` when a hook fails
   * or a grant, or a calling program, asks for what no token can say.
   */
  mint(request: MintRequest): Promise<AccessToken> | AccessToken
}

/** What {@link createTokenMinter} takes. */
export interface TokenMinterDeps {
  readonly clock: Clock
  readonly lifetime: AccessTokenLifetime
  /** Of tokens whose resources and client have none of their own. */
  readonly format: AccessTokenFormat
  /** Absent where there is no key to sign with. */
  readonly jwts: JwtAccessTokens | undefined
  /** Gives each self-contained token its place in the list of revoked ones; absent where none is published. */
  readonly statuses?: StatusAllocator | undefined
  /** `aud` of a token that is for no resource in particular. */
  readonly defaultAudience: string
  /** Whether no token may be bound to nothing, whoever asks for it. */
  readonly boundAlone?: boolean | undefined
  readonly claims: ClaimsHook | undefined
  readonly emit: Emit
}

/** Mints tokens of both formats. */
export function createTokenMinter(deps: TokenMinterDeps): TokenMinter {
  const { clock, lifetime, jwts, statuses, defaultAudience, boundAlone, claims, emit } = deps
  // Every record shares it, and hooks and listeners see it: nobody may add to it.
  const byDefault = Object.freeze([defaultAudience])

  function lifetimeOf(client: Client, resources: readonly Resource[], scopes: readonly string[]): number {
    const seconds =
      shortestOf(client, resources) ?? (typeof lifetime === 'number' ? lifetime : ask(lifetime, client, scopes))
    if (Number.isSafeInteger(seconds) && seconds > 0) return seconds
    throw impossible('accessTokenLifetime returned what is not a whole number of seconds above 0')
  }

  async function withHookedClaims(
    token: AccessTokenRecord,
    hook: ClaimsHook,
    client: Client,
    requestId: string,
  ): Promise<AccessTokenRecord> {
    const { subject, scopes, audience } = token
    const custom = await askForClaims(hook, { client, subject, scopes, audience })
    if (custom.ignored.length > 0)
      emit({
        type: 'claims_ignored',
        at: token.issuedAt,
        requestId,
        clientId: token.clientId,
        names: custom.ignored,
      })
    const joined = joinedClaims(token.claims, custom.claims)
    return joined === undefined ? token : { ...token, claims: joined }
  }

  /** What of a token has to be waited for: its place in the list, what the hook says, the signature. */
  async function finished(
    bare: AccessTokenRecord,
    opaque: string | undefined,
    { client, resources = [], requestId }: MintRequest,
  ): Promise<AccessToken> {
    const status = opaque === undefined ? await statuses?.place(bare.expiresAt + REVOCATION_MARGIN_SECONDS) : undefined
    const placed = status === undefined ? bare : { ...bare, status }
    const record = claims === undefined ? placed : await withHookedClaims(placed, claims, client, requestId)
    if (opaque !== undefined) return { format: 'opaque', value: opaque, record }
    return { format: 'jwt', value: await keys().sign(record, record.issuedAt, protectionOf(resources)), record }
  }

  function keys(): JwtAccessTokens {
    if (jwts !== undefined) return jwts
    throw impossible('the token is to be self-contained, and there is no key to sign it with')
  }

  return {
    mint(request) {
      const { client, subject, scopes: granted, resources = [], credentialId, confirmation } = request
      const issuedAt = clock.now()
      // A token from before `tokensValidFrom` would be void before the client had it.
      if (issuedAt < client.tokensValidFrom)
        throw new OAuthError('temporarily_unavailable', 'tokens of this client are being revoked', {
          reason: 'the tokens of the client are void until tokensValidFrom',
          retryAfterSeconds: client.tokensValidFrom - issuedAt,
        })
      const scopes = frozenScopes(granted)
      if (subject === '' || !isShortText(subject) || (credentialId !== undefined && !isShortText(credentialId)))
        throw impossible('the subject and the id of the credential must be texts that every backend can keep')
      if (confirmation !== undefined && !isConfirmation(confirmation))
        throw impossible('what the token is to be bound to is no confirmation')
      if (confirmation === undefined && boundAlone === true)
        throw impossible('this server issues no token that is bound to nothing: confirmation is missing')
      const format = formatOf(resources) ?? client.accessTokenFormat ?? deps.format
      const opaque = format === 'opaque' ? generateOpaqueToken() : undefined
      const id = opaque === undefined ? keys().nextId() : tokenIdOf(opaque)
      const { id: clientId } = client
      const audience = resources.length === 0 ? byDefault : Object.freeze(resources.map(({ identifier }) => identifier))
      const expiresAt = issuedAt + lifetimeOf(client, resources, scopes)
      const given = claimsOf(client, resources)
      // Written out: to spread together what each token has would cost more than to draw it at random.
      const record: { -readonly [Member in keyof AccessTokenRecord]: AccessTokenRecord[Member] } =
        credentialId === undefined
          ? { id, clientId, subject, scopes, audience, issuedAt, expiresAt }
          : { id, clientId, credentialId, subject, scopes, audience, issuedAt, expiresAt }
      if (confirmation !== undefined) record.confirmation = Object.freeze({ ...confirmation })
      if (given !== undefined) record.claims = given
      return opaque === undefined || claims !== undefined
        ? finished(record, opaque, request)
        : { format, value: opaque, record }
    },
  }
}

/** The client's own lifetime and those of the resources: nobody's token lives longer than its owner or its API wants. */
function shortestOf(client: Client, resources: readonly Resource[]): number | undefined {
  if (resources.length === 0) return client.accessTokenLifetimeSeconds
  const own = [client, ...resources].flatMap(({ accessTokenLifetimeSeconds }) => accessTokenLifetimeSeconds ?? [])
  return own.length === 0 ? undefined : Math.min(...own)
}

const formatOf = (resources: readonly Resource[]): AccessTokenFormat | undefined =>
  resources.find(({ accessTokenFormat }) => accessTokenFormat !== undefined)?.accessTokenFormat

/** What the resources want of a token, which is one thing: others cannot share one. */
function protectionOf(resources: readonly Resource[]): TokenProtection | undefined {
  const alg = resources.find(({ accessTokenSigningAlg }) => accessTokenSigningAlg !== undefined)?.accessTokenSigningAlg
  const encryption = resources[0]?.accessTokenEncryption
  return alg === undefined && encryption === undefined ? undefined : { alg, encryption }
}

/** What an API says of the tokens for it goes before what the client's registration says. */
const claimsOf = (client: Client, resources: readonly Resource[]): JsonObject | undefined =>
  resources.reduce((claims, resource) => joinedClaims(claims, resource.claims), client.claims)

/** A copy that hooks may see and cannot widen. A word that is none, such as two with a space between them, would be read as others. */
function frozenScopes(scopes: readonly string[]): readonly string[] {
  if (isRemembered(scopes)) return scopes
  // Judged as a copy: what is no list, or holds nothing in a place, shows it there.
  const copy: readonly unknown[] | undefined = Array.isArray(scopes) ? [...scopes] : undefined
  if (copy?.every((word) => typeof word === 'string' && isScopeToken(word)))
    return Object.freeze(copy) as readonly string[]
  throw impossible('the scopes of a token must be words of printable ASCII (RFC 6749 §3.3)')
}

function ask(lifetime: Exclude<AccessTokenLifetime, number>, client: Client, scopes: readonly string[]): number {
  try {
    return lifetime({ client, scopes })
  } catch (cause) {
    throw impossible(`accessTokenLifetime threw: ${cause instanceof Error ? cause.message : 'what is no error'}`, cause)
  }
}

const impossible = (reason: string, cause?: unknown): OAuthError =>
  new OAuthError('server_error', 'the token could not be made', { reason, cause })
