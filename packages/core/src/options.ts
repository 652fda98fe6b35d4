import { ACCESS_TOKEN_FORMATS, type AccessTokenFormat } from './domain/access-token-format.ts'
import { isShortText, MAX_TEXT_LENGTH } from './domain/text.ts'
import { type DpopOptions, dpopOf, type ResolvedDpop } from './dpop.ts'
import type { EventListener } from './event-dispatcher.ts'
import { clientCredentials } from './grants/client-credentials.ts'
import type { Grant } from './grants/grant.ts'
import { checkIssuer } from './issuer.ts'
import type { SharedKeyEncryption } from './jose/nested-jwe.ts'
import { type MutualTlsOptions, mutualTlsOf, type ResolvedMutualTls } from './mutual-tls.ts'
import type { ClientRepository } from './ports/client-repository.ts'
import { type Clock, systemClock } from './ports/clock.ts'
import type { CredentialUses } from './ports/credential-uses.ts'
import type { RemoteDocuments } from './ports/remote-documents.ts'
import type { ReplayGuard } from './ports/replay-guard.ts'
import type { ResourceRegistry } from './ports/resource-registry.ts'
import type { ResourceRepository } from './ports/resource-repository.ts'
import type { SecretSeal } from './ports/secret-seal.ts'
import type { Signer } from './ports/signer.ts'
import type { StatusIndexes } from './ports/status-indexes.ts'
import type { TokenStore } from './ports/token-store.ts'
import { checkProfile, type Profile, signerUnder } from './profile.ts'
import type { ClaimsHook } from './tokens/custom-claims.ts'
import type { SharedSecret } from './tokens/keys-of-secret.ts'
import type { AccessTokenLifetime } from './tokens/token-minter.ts'

/** How revoked JWTs are published (draft-ietf-oauth-status-list). */
export interface StatusListOptions {
  /** Where the lists are kept. */
  readonly indexes: StatusIndexes
  /** For how long anybody may go by a list, 1 to 3600 seconds: a revocation is seen within it. 60 by default. */
  readonly ttlSeconds?: number | undefined
}

type NonNullableMembers<T> = { [Name in keyof T]: NonNullable<T[Name]> }

/** What an authorization server is made of. Only the first three must be given. */
export interface AuthorizationServerOptions {
  /**
   * The server's name: an https URL without query and fragment, or an http one on a loopback host (RFC 8414 §2). It is
   * used as it is written, byte for byte.
   */
  readonly issuer: string
  readonly clients: ClientRepository
  readonly tokens: TokenStore
  /** Where the resources are that a request may name. Without it there are none. */
  readonly resources?: ResourceRepository | undefined
  /** Lists the resources that the metadata names (RFC 9728 §4). Without it the metadata names none. */
  readonly protectedResources?: Pick<ResourceRegistry, 'list'> | undefined
  /** Lets each assertion and each proof through once. Without it neither is taken. */
  readonly replays?: ReplayGuard | undefined
  /**
   * Fetches what others publish: the keys of clients that are registered with `jwks_uri`, and those of issuers that clients
   * are registered with. Without it neither kind of client gets in.
   */
  readonly remoteDocuments?: RemoteDocuments | undefined
  /** Opens the secrets by which clients sign (`client_secret_jwt`). Without it no such client gets in. `createSecretSeal` makes one. */
  readonly secretSeal?: SecretSeal | undefined
  /** How far ahead the `exp` of an assertion that a client has signed may be, in seconds: 60 to 3600, 300 by default. */
  readonly maxAssertionLifetime?: number | undefined
  /** Where to write down when credentials were last used. Without it nobody does. */
  readonly credentialUses?: CredentialUses | undefined
  /** The machine's own by default. */
  readonly clock?: Clock | undefined
  /** What access tokens are, unless their resource or client has a format of its own: `opaque` by default. `jwt` needs a key to sign with. */
  readonly accessTokenFormat?: AccessTokenFormat | undefined
  /** Signs JWTs, and publishes what they are verified with: `openKeyRing` makes one. */
  readonly signer?: Signer | undefined
  /** Signs JWTs with a secret that all APIs share, instead of `signer`. Whoever can verify such a token can also make one. */
  readonly jwtSecret?: SharedSecret | undefined
  /** Encrypts JWTs, once signed, with a key that all APIs share. */
  readonly accessTokenEncryption?: SharedKeyEncryption | undefined
  /** Publishes a list of revoked JWTs, and gives each JWT a place in it. Without it there is no such list. Needs `signer`. */
  readonly statusList?: StatusListOptions | undefined
  /** Lifetime of access tokens in seconds, or a function of client and scopes; a client's or a resource's own value goes first. 3600 by default. */
  readonly accessTokenLifetime?: AccessTokenLifetime | undefined
  /** `aud` of a token whose request names no resource. The issuer by default. */
  readonly defaultAudience?: string | undefined
  /** The rules by which tokens are granted. The client credentials grant alone by default. */
  readonly grants?: readonly Grant[] | undefined
  /** Refuses secrets that a person chose, so that no request costs a key derivation. False by default. */
  readonly generatedSecretsOnly?: boolean | undefined
  /** Looks at the certificates of connections (RFC 8705). Without it none is looked at: only your host can tell of one. */
  readonly mutualTls?: MutualTlsOptions | undefined
  /** How keys are proven that tokens are bound to (RFC 9449). It needs `replays`, and with those it is on in any case. */
  readonly dpop?: DpopOptions | undefined
  /**
   * Holds the server as a whole to a profile: `fapi2` is the FAPI 2.0 Security Profile. Then nobody gets in by a secret, no
   * token is issued that is bound to nothing, and few algorithms count. It needs `replays` or `mutualTls`. None by default.
   */
  readonly profile?: Profile | undefined
  /** Adds claims to tokens. */
  readonly claims?: ClaimsHook | undefined
  /** Hears of what happens. */
  readonly onEvent?: EventListener | undefined
  /** `service_documentation` of the metadata (RFC 8414 §2). */
  readonly serviceDocumentation?: string | undefined
}

/** The options with every default filled in. */
export interface ResolvedOptions {
  readonly issuer: string
  readonly clients: ClientRepository
  readonly tokens: TokenStore
  readonly resources: ResourceRepository
  readonly protectedResources: Pick<ResourceRegistry, 'list'> | undefined
  readonly replays: ReplayGuard | undefined
  readonly remoteDocuments: RemoteDocuments | undefined
  readonly secretSeal: SecretSeal | undefined
  readonly maxAssertionLifetime: number
  readonly credentialUses: CredentialUses | undefined
  readonly clock: Clock
  readonly accessTokenFormat: AccessTokenFormat
  readonly signer: Signer | undefined
  readonly jwtSecret: SharedSecret | undefined
  readonly accessTokenEncryption: SharedKeyEncryption | undefined
  readonly statusList: Required<NonNullableMembers<StatusListOptions>> | undefined
  readonly accessTokenLifetime: AccessTokenLifetime
  readonly defaultAudience: string
  readonly grants: readonly Grant[]
  readonly generatedSecretsOnly: boolean
  readonly mutualTls: ResolvedMutualTls | undefined
  readonly dpop: ResolvedDpop | undefined
  readonly profile: Profile | undefined
  readonly claims: ClaimsHook | undefined
  readonly onEvent: EventListener
  readonly serviceDocumentation: string | undefined
}

/** Lifetime of an access token where nothing else is said, in seconds. */
export const DEFAULT_ACCESS_TOKEN_LIFETIME = 3600

/** How far ahead the `exp` of an assertion may be where nothing else is said, in seconds. */
export const DEFAULT_MAX_ASSERTION_LIFETIME = 300

/** For how long a list of revoked tokens may be gone by where nothing else is said, in seconds. */
export const DEFAULT_STATUS_LIST_TTL = 60

const NO_RESOURCES: ResourceRepository = { find: async () => undefined }

/** The year 5138 in seconds, and 1973 in milliseconds: `Date` fits the type of a clock and would pass for one. */
const TOO_LATE_FOR_SECONDS = 100_000_000_000

/**
 * Checks the options once, before anything runs.
 *
 * @throws TypeError that names the option which is wrong.
 */
export function resolveOptions(options: AuthorizationServerOptions): ResolvedOptions {
  const resolved: ResolvedOptions = {
    issuer: checkIssuer(options.issuer),
    clients: port(options.clients, 'clients', ['find']),
    tokens: port(options.tokens, 'tokens', ['save', 'find', 'revoke', 'isRevoked']),
    resources: port(options.resources ?? NO_RESOURCES, 'resources', ['find']),
    protectedResources: options.protectedResources && port(options.protectedResources, 'protectedResources', ['list']),
    replays: options.replays && port(options.replays, 'replays', ['claim']),
    remoteDocuments: options.remoteDocuments && port(options.remoteDocuments, 'remoteDocuments', ['find', 'refetch']),
    secretSeal: options.secretSeal && port(options.secretSeal, 'secretSeal', ['seal', 'unseal']),
    maxAssertionLifetime: options.maxAssertionLifetime ?? DEFAULT_MAX_ASSERTION_LIFETIME,
    credentialUses: options.credentialUses && port(options.credentialUses, 'credentialUses', ['record', 'of']),
    clock: port(options.clock ?? systemClock, 'clock', ['now']),
    accessTokenFormat: options.accessTokenFormat ?? 'opaque',
    signer:
      options.signer && signerUnder(options.profile, port(options.signer, 'signer', ['signingKey', 'publishedKeys'])),
    jwtSecret: options.jwtSecret,
    accessTokenEncryption: options.accessTokenEncryption,
    statusList: options.statusList && statusListOf(options.statusList),
    accessTokenLifetime: options.accessTokenLifetime ?? DEFAULT_ACCESS_TOKEN_LIFETIME,
    defaultAudience: options.defaultAudience ?? options.issuer,
    grants: options.grants ?? [clientCredentials],
    generatedSecretsOnly: options.generatedSecretsOnly ?? false,
    mutualTls: options.mutualTls && mutualTlsOf(options.mutualTls),
    dpop: dpopOf(options),
    profile: options.profile,
    claims: options.claims,
    onEvent: options.onEvent ?? (() => undefined),
    serviceDocumentation: options.serviceDocumentation,
  }
  const now = resolved.clock.now()
  if (!Number.isSafeInteger(now) || now >= TOO_LATE_FOR_SECONDS)
    throw new TypeError('clock must tell whole seconds since 1970; Date tells milliseconds')
  const lifetime = resolved.accessTokenLifetime
  if (typeof lifetime !== 'function' && !(Number.isSafeInteger(lifetime) && lifetime > 0))
    throw new TypeError('accessTokenLifetime must be a whole number of seconds above 0, or a function that returns one')
  const longest = resolved.maxAssertionLifetime
  if (!(Number.isSafeInteger(longest) && longest >= 60 && longest <= 3600))
    throw new TypeError('maxAssertionLifetime must be a whole number of seconds from 60 to 3600')
  if (!isShortText(resolved.defaultAudience) || resolved.defaultAudience === '')
    throw new TypeError(`defaultAudience must be a text of 1 to ${MAX_TEXT_LENGTH} characters`)
  if (resolved.serviceDocumentation !== undefined && !URL.canParse(resolved.serviceDocumentation))
    throw new TypeError('serviceDocumentation must be a URL')
  if (typeof resolved.generatedSecretsOnly !== 'boolean')
    throw new TypeError('generatedSecretsOnly must be true or false')
  checkFormat(resolved)
  checkStatusList(resolved)
  checkGrants(resolved.grants)
  checkProfile({ ...resolved, signer: options.signer })
  for (const name of ['claims', 'onEvent'] as const)
    if (resolved[name] !== undefined && typeof resolved[name] !== 'function')
      throw new TypeError(`${name} must be a function`)
  return resolved
}

function checkFormat({ accessTokenFormat, signer, jwtSecret, accessTokenEncryption }: ResolvedOptions): void {
  if (!ACCESS_TOKEN_FORMATS.includes(accessTokenFormat))
    throw new TypeError(`accessTokenFormat must be one of ${ACCESS_TOKEN_FORMATS.join(', ')}`)
  if (signer !== undefined && jwtSecret !== undefined)
    throw new TypeError('signer and jwtSecret must not both be given: an API could be shown either for the other')
  const signs = signer !== undefined || jwtSecret !== undefined
  if (accessTokenFormat === 'jwt' && !signs) throw new TypeError('accessTokenFormat "jwt" needs signer or jwtSecret')
  if (accessTokenEncryption !== undefined && !signs)
    throw new TypeError('accessTokenEncryption needs signer or jwtSecret: what is encrypted is a signed token')
  for (const name of ['publishedForSeconds', 'longestTokenSeconds'] as const)
    if (signer !== undefined && !(signer[name] >= 0)) throw new TypeError(`signer.${name} must be a number of seconds`)
}

function statusListOf({ indexes, ttlSeconds = DEFAULT_STATUS_LIST_TTL }: StatusListOptions) {
  if (!Number.isSafeInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > 3600)
    throw new TypeError('statusList.ttlSeconds must be a whole number of seconds from 1 to 3600')
  return { indexes: port(indexes, 'statusList.indexes', ['reserve', 'revoke', 'revoked']), ttlSeconds }
}

function checkStatusList({ statusList, signer }: ResolvedOptions): void {
  // Whoever reads the list must refuse one that is signed with a shared secret (§5.1 of the draft).
  if (statusList !== undefined && signer === undefined)
    throw new TypeError('statusList needs signer: the list of revoked tokens is signed, and by no shared secret')
}

function checkGrants(grants: readonly Grant[]): void {
  const usable = (grant: Grant): boolean => isShortText(grant?.type) && typeof grant.authorize === 'function'
  if (!Array.isArray(grants) || grants.length === 0 || !grants.every(usable))
    throw new TypeError('grants must be a list of at least one grant, each with a type and authorize')
  const types = grants.map(({ type }) => type)
  if (new Set(types).size < types.length) throw new TypeError('grants must name each type once')
}

function port<Port>(value: Port, name: string, methods: readonly (keyof Port & string)[]): Port {
  const missing = methods.filter((method) => typeof value?.[method] !== 'function')
  if (missing.length > 0)
    throw new TypeError(`${name} must be an object with ${methods.join(', ')}; it lacks ${missing.join(', ')}`)
  return value
}
