import { ACCESS_TOKEN_FORMATS, type AccessTokenFormat } from './access-token-format.ts'
import {
  ASSERTION_ALGORITHMS,
  type AssertionAlgorithm,
  CLIENT_AUTH_METHODS,
  type ClientAuthMethodName,
} from './client-auth-methods.ts'
import type { Credential } from './credential.ts'
import type { EpochSeconds } from './epoch-seconds.ts'
import type { JsonObject } from './json-value.ts'
import { keptCredential, problemsOfCredentials } from './problems-of-credentials.ts'
import { isResourceIdentifier } from './resource.ts'
import { isScopeToken } from './scope-token.ts'
import { problemsOfClaims } from './static-claims.ts'
import { isShortText, MAX_TEXT_LENGTH } from './text.ts'

/** A permission that a client holds. A disabled one is held, and refused. */
export interface ClientScope {
  readonly name: string
  readonly enabled: boolean
}

/**
 * What happens when a client asks for a scope that it holds disabled: `strict` refuses the request, `reduce` drops the
 * scope and says so in the answer (RFC 6749 §3.3). A scope that it does not hold at all is refused under both.
 */
export type ScopePolicy = 'strict' | 'reduce'

/** Which tokens a client may introspect on top of those that name it as their audience (RFC 7662 §4). */
export type IntrospectRight = 'own' | 'any'

/** A registered machine. Plain data: it survives JSON and `structuredClone`. */
export interface Client {
  /** `client_id`; matches {@link CLIENT_ID_PATTERN}. */
  readonly id: string
  /** The operator's words for it. */
  readonly name?: string
  /** A disabled client gets no token, and the tokens that it has are inactive. */
  readonly enabled: boolean
  readonly credentials: readonly Credential[]
  readonly scopes: readonly ClientScope[]
  /** Granted when none is asked for; without it every enabled scope is. */
  readonly defaultScopes?: readonly string[]
  readonly scopePolicy: ScopePolicy
  readonly introspect: IntrospectRight
  /** Audiences whose tokens this client may introspect: the identifiers of the APIs that it serves. */
  readonly resourceServerFor: readonly string[]
  /** The identifiers of the resources that it may name, and so get tokens for (RFC 8707 §2). */
  readonly resources?: readonly string[]
  readonly grantTypes: readonly string[]
  /** The only method that the client may use. Without it, those that its live credentials allow. */
  readonly tokenEndpointAuthMethod?: ClientAuthMethodName
  /** The only algorithm by which it may sign its assertions (RFC 7591 §2). Without it, those that its keys are for. */
  readonly tokenEndpointAuthSigningAlg?: AssertionAlgorithm
  /** Whether its assertions may name the token endpoint as their audience, as RFC 7523 §3 had it, beside the issuer. */
  readonly legacyAssertionAudience?: boolean
  /** Lifetime of its access tokens in seconds, over the server's own. */
  readonly accessTokenLifetimeSeconds?: number
  /** What its access tokens are, over the server's own format. */
  readonly accessTokenFormat?: AccessTokenFormat
  /** Claims that each of its tokens carries. None of them is one that the server sets. */
  readonly claims?: JsonObject
  /** Whether all of its tokens are bound to a key, so that it gets none without a proof (RFC 9449 §5.2). */
  readonly dpopBoundAccessTokens?: boolean
  /** Whether its proofs must hold a nonce, though the server does not ask everybody for one (RFC 9449 §8). */
  readonly dpopNonceRequired?: boolean
  /** Whether all of its tokens are bound to its certificate, so that it gets none without one (RFC 8705 §3.4). */
  readonly tlsClientCertificateBoundAccessTokens?: boolean
  /** A token issued before this second is void: revoking everything of a client is one timestamp. */
  readonly tokensValidFrom: EpochSeconds
  /** Counted up by the registry with each change. */
  readonly version: number
}

/** A registered id. It never holds `%` or `+`, so that it means the same form-encoded and raw. */
export const CLIENT_ID_PATTERN: RegExp = /^[A-Za-z0-9._~:/@-]{1,255}$/

/** What {@link defineClient} takes: a {@link Client} of which only `id` must be given. */
export type ClientDefinition = Pick<Client, 'id'> &
  Partial<Omit<Client, 'id' | 'scopes'>> & {
    /** A list, or a map from the name of a scope to whether it is enabled. */
    readonly scopes?: readonly ClientScope[] | Readonly<Record<string, boolean>>
  }

/**
 * Makes a client of what is given, fills in the defaults and checks it. Nobody should build a {@link Client} by hand.
 *
 * Defaults: enabled, strict scopes, `introspect: 'own'`, the client credentials grant alone, version 1.
 *
 * @throws TypeError that names the client and the member which is wrong. It never repeats a hash.
 */
export function defineClient(definition: ClientDefinition): Client {
  // What is given as `undefined` is not given: it must not stand in the place of a default.
  const given = Object.fromEntries(Object.entries(definition).filter(([, value]) => value !== undefined))
  const { id, scopes = [] } = definition
  const client: Client = {
    id,
    enabled: true,
    credentials: [],
    scopePolicy: 'strict',
    introspect: 'own',
    resourceServerFor: [],
    grantTypes: ['client_credentials'],
    tokensValidFrom: 0,
    version: 1,
    ...given,
    scopes: listOfScopes(scopes),
  }
  for (const problem of problemsOf(client)) throw new TypeError(`client "${printable(client.id)}": ${problem}`)
  const signsWithSecrets = client.tokenEndpointAuthMethod === 'client_secret_jwt'
  return {
    ...client,
    credentials: client.credentials.map((credential) => keptCredential(credential, signsWithSecrets)),
  }
}

const listOfScopes = (scopes: NonNullable<ClientDefinition['scopes']>): readonly ClientScope[] =>
  isRecord(scopes) ? Object.entries(scopes).map(([name, enabled]) => ({ name, enabled })) : (scopes as ClientScope[])

const SWITCHES = [
  'dpopBoundAccessTokens',
  'dpopNonceRequired',
  'legacyAssertionAudience',
  'tlsClientCertificateBoundAccessTokens',
] as const

function* problemsOf(client: Client): Generator<string> {
  if (typeof client.id !== 'string' || !CLIENT_ID_PATTERN.test(client.id))
    yield `id must match ${CLIENT_ID_PATTERN.source}`
  if (client.name !== undefined && !isShortText(client.name)) yield `name must be at most ${MAX_TEXT_LENGTH} characters`
  if (typeof client.enabled !== 'boolean') yield 'enabled must be true or false'
  for (const name of ['credentials', 'scopes'] as const)
    if (!isListOf(isRecord, client[name])) yield `${name} must be a list of objects`
  for (const name of ['resourceServerFor', 'grantTypes', 'defaultScopes'] as const)
    if (client[name] !== undefined && !isListOf(isShortText, client[name])) yield `${name} must be a list of texts`
  yield* problemsOfCredentials(client.credentials)
  yield* problemsOfScopes(client)
  if (client.resources !== undefined) yield* problemsOfResources(client.resources)
  if (client.introspect !== 'own' && client.introspect !== 'any') yield 'introspect must be "own" or "any"'
  const method = client.tokenEndpointAuthMethod
  if (method !== undefined && !CLIENT_AUTH_METHODS.includes(method))
    yield `tokenEndpointAuthMethod must be one of ${CLIENT_AUTH_METHODS.join(', ')}`
  const alg = client.tokenEndpointAuthSigningAlg
  if (alg !== undefined && !ASSERTION_ALGORITHMS.includes(alg))
    yield `tokenEndpointAuthSigningAlg must be one of ${ASSERTION_ALGORITHMS.join(', ')}`
  if (alg !== undefined && method !== undefined && (method === 'client_secret_jwt') !== alg.startsWith('HS'))
    yield `tokenEndpointAuthSigningAlg must not be ${alg} for ${method}`
  const lifetime = client.accessTokenLifetimeSeconds
  if (lifetime !== undefined && !(Number.isSafeInteger(lifetime) && lifetime > 0))
    yield 'accessTokenLifetimeSeconds must be a whole number of seconds above 0'
  if (client.accessTokenFormat !== undefined && !ACCESS_TOKEN_FORMATS.includes(client.accessTokenFormat))
    yield `accessTokenFormat must be one of ${ACCESS_TOKEN_FORMATS.join(', ')}`
  for (const name of SWITCHES)
    if (client[name] !== undefined && typeof client[name] !== 'boolean') yield `${name} must be true or false`
  if (client.claims !== undefined) yield* problemsOfClaims(client.claims)
  if (!isEpochSeconds(client.tokensValidFrom)) yield 'tokensValidFrom must be a time in whole seconds'
  if (!Number.isSafeInteger(client.version) || client.version < 1) yield 'version must be a whole number from 1'
}

/** Each of them may be looked up for one request. */
const MAX_RESOURCES = 100

function* problemsOfResources(resources: readonly string[]): Generator<string> {
  if (!isListOf(isResourceIdentifier, resources))
    yield 'resources must be a list of absolute URIs without fragment (RFC 8707 §2)'
  else if (resources.length > MAX_RESOURCES) yield `resources must be at most ${MAX_RESOURCES}`
  else if (new Set(resources).size < resources.length) yield 'a resource is given twice'
}

function* problemsOfScopes(client: Client): Generator<string> {
  const held = new Set<string>()
  for (const { name, enabled } of client.scopes) {
    if (typeof name !== 'string' || !isScopeToken(name))
      yield 'a scope must be one word of printable ASCII (RFC 6749 §3.3)'
    if (typeof enabled !== 'boolean') yield `scope "${printable(name)}" must be enabled (true) or not (false)`
    if (held.has(name)) yield `scope "${printable(name)}" is given twice`
    held.add(name)
  }
  const defaults = client.defaultScopes ?? []
  for (const [index, name] of defaults.entries()) {
    if (!held.has(name)) yield `default scope "${printable(name)}" is not among its scopes`
    if (defaults.indexOf(name) < index) yield `default scope "${printable(name)}" is given twice`
  }
  if (client.scopePolicy !== 'strict' && client.scopePolicy !== 'reduce')
    yield 'scopePolicy must be "strict" or "reduce"'
}

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isListOf = (isItem: (item: unknown) => boolean, value: unknown): boolean =>
  Array.isArray(value) && value.every(isItem)

const isEpochSeconds = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

/** For messages on a terminal or in a log: nothing but printable ASCII, and not much of it. */
const printable = (text: unknown): string =>
  String(text)
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 80)
