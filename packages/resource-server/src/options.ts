import {
  type Clock,
  checkIssuer,
  createTokenDecrypter,
  type EpochSeconds,
  type JsonObject,
  SIGNING_ALGORITHMS,
  type SigningAlgorithm,
  systemClock,
  type TokenDecrypter,
} from '@latchkey/core'
import { algorithmsOf } from './algorithms.ts'
import { type BindingOptions, type ResolvedBindings, resolveBindings } from './bindings.ts'
import type { Fetch } from './remote/document-fetch.ts'
import { publishedMetadata, type ResourceMetadata, type ResourceMetadataOptions } from './resource-metadata.ts'
import { heardOnly, type VerifierEventListener } from './verifier-event.ts'

/** Which tokens the issuer is asked about, and as whom. */
export interface IntrospectionOptions {
  /** The API's own registration at the issuer. */
  readonly clientId: string
  readonly clientSecret: string
  /**
   * `opaque` asks about tokens that cannot be verified here, and is the default. `always` asks about every token, a signed
   * one once its signature was verified, so that a revocation is seen. `only` asks about every token and verifies nothing
   * here, for an issuer that encrypts its tokens or signs them with a shared secret.
   */
  readonly mode?: 'opaque' | 'always' | 'only' | undefined
  /** How long an answer may be kept, 0 to 60 seconds; a token that is revoked works for as long. 10 by default. */
  readonly cacheSeconds?: number | undefined
  /** How many answers may be kept. 10 000 by default. */
  readonly maxCacheEntries?: number | undefined
}

/** What a verifier is made of. Only the first two must be given. */
export interface TokenVerifierOptions extends BindingOptions {
  /** The name of the authorization server, byte for byte as it calls itself: its metadata is found from it (RFC 8414 §3). */
  readonly issuer: string
  /** What this API is called in `aud`: a token for none of these names is refused. */
  readonly audience: string | readonly string[]
  /** The algorithms by which a token may be signed. Every asymmetric one that is known by default. */
  readonly algorithms?: readonly SigningAlgorithm[] | undefined
  /**
   * The private keys of this API as JWKs, of the type RSA for `RSA-OAEP-256` or EC for `ECDH-ES+A256KW`, where the issuer
   * encrypts its tokens to it; several while they are changed. A signed token that is not encrypted is refused then (RFC 9068
   * §4).
   */
  readonly decryptionKeys?: readonly JsonObject[] | undefined
  /** How far the clocks of issuer and API may differ: 0 to 60 seconds, 5 by default. */
  readonly leewaySeconds?: number | undefined
  /** Asks the issuer about tokens. Without it only signed tokens are accepted. */
  readonly introspection?: IntrospectionOptions | undefined
  /** Publishes metadata of the API (RFC 9728), which every challenge then names. */
  readonly resourceMetadata?: ResourceMetadataOptions | undefined
  /** How long keys and metadata that were good serve while the issuer is away: 0 to 86 400 seconds, 600 by default. */
  readonly outageSeconds?: number | undefined
  /** How long an answer of the issuer may take, 5000 milliseconds by default. */
  readonly timeoutMilliseconds?: number | undefined
  /** The machine's own by default. */
  readonly clock?: Clock | undefined
  /** The global `fetch` by default. It must not follow redirects that it was told not to follow. */
  readonly fetch?: Fetch | undefined
  /** Hears why requests were refused, and of an issuer that is away. */
  readonly onEvent?: VerifierEventListener | undefined
}

/** The options with every default filled in. */
export interface ResolvedOptions extends ResolvedBindings {
  readonly issuer: string
  readonly audience: readonly [string, ...string[]]
  readonly algorithms: readonly SigningAlgorithm[]
  readonly decrypter: TokenDecrypter | undefined
  readonly leewaySeconds: number
  readonly introspection: Required<NonNullableMembers<IntrospectionOptions>> | undefined
  readonly resourceMetadata: ResourceMetadata | undefined
  readonly outageSeconds: number
  readonly timeoutMilliseconds: number
  readonly clock: Clock
  readonly fetch: Fetch
  readonly onEvent: VerifierEventListener
}

type NonNullableMembers<T> = { [Name in keyof T]: NonNullable<T[Name]> }

/** D24 of the server: a revocation is kept this much longer than the token, and twice over. */
const MAX_LEEWAY_SECONDS = 60
const MAX_CACHE_SECONDS = 60
/** What can stand in a challenge. */
const PRINTABLE = /^[\x20-\x7e]+$/
const MODES = ['opaque', 'always', 'only'] as const

/**
 * Checks the options once, before anything is asked.
 *
 * @throws TypeError that names the option which is wrong.
 */
export function resolveOptions(options: TokenVerifierOptions): ResolvedOptions {
  const issuer = checkIssuer(options.issuer)
  const audience = audienceOf(options.audience)
  const clock = clockOf(options.clock ?? systemClock)
  const bindings = resolveBindings(options, audience[0], clock)
  return {
    issuer,
    audience,
    algorithms: algorithmsOf('algorithms', options.algorithms ?? SIGNING_ALGORITHMS),
    decrypter: options.decryptionKeys && createTokenDecrypter(options.decryptionKeys),
    leewaySeconds: wholeNumber('leewaySeconds', options.leewaySeconds ?? 5, 0, MAX_LEEWAY_SECONDS),
    introspection: options.introspection && introspectionOf(options.introspection),
    ...bindings,
    resourceMetadata:
      options.resourceMetadata && publishedMetadata(options.resourceMetadata, issuer, audience[0], bindings),
    outageSeconds: wholeNumber('outageSeconds', options.outageSeconds ?? 600, 0, 86_400),
    timeoutMilliseconds: wholeNumber('timeoutMilliseconds', options.timeoutMilliseconds ?? 5000, 1, 60_000),
    clock,
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    onEvent: heardOnly(options.onEvent),
  }
}

function audienceOf(audience: string | readonly string[]): readonly [string, ...string[]] {
  const [first, ...others] = typeof audience === 'string' ? [audience] : Array.isArray(audience) ? audience : []
  if (first === undefined || ![first, ...others].every((name) => typeof name === 'string' && PRINTABLE.test(name)))
    throw new TypeError('audience must be a name of this API in printable ASCII, or a list of at least one')
  return [first, ...others]
}

function introspectionOf(options: IntrospectionOptions): ResolvedOptions['introspection'] {
  const { clientId, clientSecret, mode = 'opaque', cacheSeconds = 10, maxCacheEntries = 10_000 } = options
  for (const [name, value] of Object.entries({ clientId, clientSecret }))
    if (typeof value !== 'string' || value === '') throw new TypeError(`introspection.${name} must be a text`)
  if (!MODES.includes(mode)) throw new TypeError(`introspection.mode must be one of ${MODES.join(', ')}`)
  return {
    clientId,
    clientSecret,
    mode,
    cacheSeconds: wholeNumber('introspection.cacheSeconds', cacheSeconds, 0, MAX_CACHE_SECONDS),
    maxCacheEntries: wholeNumber('introspection.maxCacheEntries', maxCacheEntries, 1, 10_000_000),
  }
}

function wholeNumber(name: string, value: number, min: number, max: number): number {
  if (!Number.isSafeInteger(value) || value < min || value > max)
    throw new TypeError(`${name} must be a whole number from ${min} to ${max}`)
  return value
}

function clockOf(clock: Clock): Clock {
  const now: EpochSeconds | undefined = clock?.now?.()
  // The year 5138 in seconds, and 1973 in milliseconds: `Date` fits the type of a clock and would pass for one.
  if (!Number.isSafeInteger(now) || (now ?? 0) >= 100_000_000_000)
    throw new TypeError('clock must tell whole seconds since 1970; Date tells milliseconds')
  return clock
}
