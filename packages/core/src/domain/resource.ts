import { ACCESS_TOKEN_FORMATS, type AccessTokenFormat } from './access-token-format.ts'
import type { JsonObject } from './json-value.ts'
import { isScopeToken } from './scope-token.ts'
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from './signing-key.ts'
import { problemsOfClaims } from './static-claims.ts'
import { isShortText, MAX_TEXT_LENGTH } from './text.ts'
import { encryptionOf, type PublicKeyEncryption, problemsOfEncryption } from './token-encryption.ts'

/** An API that tokens may be meant for (RFC 8707 §2). Plain data: it survives JSON and `structuredClone`. */
export interface Resource {
  /** `aud` of the tokens for it: an absolute URI without fragment. Two are the same when their texts are. */
  readonly identifier: string
  /** The operator's words for it. */
  readonly name?: string
  /** The scopes that mean something to it. */
  readonly scopes: readonly string[]
  /** What the tokens for it are, over the client's format and the server's own. */
  readonly accessTokenFormat?: AccessTokenFormat
  /** Lifetime of the tokens for it in seconds, over the server's own; where the client has one too, the shorter counts. */
  readonly accessTokenLifetimeSeconds?: number
  /** How the tokens for it are signed, where they are JWTs: by a key of this algorithm, over the server's own. */
  readonly accessTokenSigningAlg?: SigningAlgorithm
  /** How the tokens for it, JWTs, are encrypted once they are signed: to its public key, over the server's shared one. */
  readonly accessTokenEncryption?: PublicKeyEncryption
  /** Claims that each token for it carries. None of them is one that the server sets. */
  readonly claims?: JsonObject
  /** Counted up by the registry with each change. */
  readonly version: number
}

/** What {@link defineResource} takes: a {@link Resource} of which only `identifier` must be given. */
export type ResourceDefinition = Pick<Resource, 'identifier'> & Partial<Omit<Resource, 'identifier'>>

const MAX_IDENTIFIER_LENGTH = 512

/** A scheme, and then the characters of RFC 3986 without `#`, a percent sign only where it escapes. */
const ABSOLUTE_URI = /^[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+$/
/** A URL parser would mend what lacks its host; an API that compares texts does not. */
const WITHOUT_HOST = /^https?:(?!\/\/[^/?])/i

/** Whether a value can be the identifier of a resource (RFC 8707 §2: an absolute URI without fragment). */
export const isResourceIdentifier = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length <= MAX_IDENTIFIER_LENGTH &&
  ABSOLUTE_URI.test(value) &&
  !WITHOUT_HOST.test(value) &&
  URL.canParse(value)

/**
 * Makes a resource of what is given, fills in the defaults and checks it. Without scopes it takes tokens that have none.
 *
 * @throws TypeError that names the resource and the member which is wrong.
 */
export function defineResource(definition: ResourceDefinition): Resource {
  // What is given as `undefined` is not given: it must not stand in the place of a default.
  const given = Object.fromEntries(Object.entries(definition).filter(([, value]) => value !== undefined))
  const resource: Resource = { identifier: definition.identifier, scopes: [], version: 1, ...given }
  for (const problem of problemsOf(resource))
    throw new TypeError(`resource "${printable(resource.identifier)}": ${problem}`)
  const { accessTokenEncryption: encryption } = resource
  return encryption === undefined ? resource : { ...resource, accessTokenEncryption: encryptionOf(encryption) }
}

function* problemsOf(resource: Resource): Generator<string> {
  const { identifier, name, scopes, accessTokenFormat: format, accessTokenLifetimeSeconds: lifetime } = resource
  if (!isResourceIdentifier(identifier))
    yield `its identifier must be an absolute URI without fragment, of at most ${MAX_IDENTIFIER_LENGTH} characters (RFC 8707 §2)`
  if (name !== undefined && !isShortText(name)) yield `name must be at most ${MAX_TEXT_LENGTH} characters`
  if (!Array.isArray(scopes) || !scopes.every((scope) => typeof scope === 'string' && isScopeToken(scope)))
    yield 'scopes must be a list of words of printable ASCII (RFC 6749 §3.3)'
  else if (new Set(scopes).size < scopes.length) yield 'a scope is given twice'
  if (format !== undefined && !ACCESS_TOKEN_FORMATS.includes(format))
    yield `accessTokenFormat must be one of ${ACCESS_TOKEN_FORMATS.join(', ')}`
  if (lifetime !== undefined && !(Number.isSafeInteger(lifetime) && lifetime > 0))
    yield 'accessTokenLifetimeSeconds must be a whole number of seconds above 0'
  yield* problemsOfProtection(resource)
  if (resource.claims !== undefined) yield* problemsOfClaims(resource.claims)
  if (!Number.isSafeInteger(resource.version) || resource.version < 1) yield 'version must be a whole number from 1'
}

function* problemsOfProtection(resource: Resource): Generator<string> {
  const { accessTokenFormat: format, accessTokenSigningAlg: alg, accessTokenEncryption: encryption } = resource
  if (alg !== undefined && !SIGNING_ALGORITHMS.includes(alg))
    yield `accessTokenSigningAlg must be one of ${SIGNING_ALGORITHMS.join(', ')}`
  if (encryption !== undefined) yield* problemsOfEncryption(encryption)
  // A reference is neither signed nor encrypted, and an API that counts on either must not be given one.
  if (format !== 'jwt' && (alg ?? encryption) !== undefined)
    yield `${alg === undefined ? 'accessTokenEncryption' : 'accessTokenSigningAlg'} needs accessTokenFormat "jwt"`
}

/** For messages on a terminal or in a log: nothing but printable ASCII, and not much of it. */
const printable = (text: unknown): string =>
  String(text)
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 80)
