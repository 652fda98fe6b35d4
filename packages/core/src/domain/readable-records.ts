import type { AccessTokenRecord } from './access-token.ts'
import { ACCESS_TOKEN_FORMATS } from './access-token-format.ts'
import type { Client, ClientScope } from './client.ts'
import { ASSERTION_ALGORITHMS, CLIENT_AUTH_METHODS } from './client-auth-methods.ts'
import { isConfirmation } from './confirmation.ts'
import { type Credential, isSecretHash } from './credential.ts'
import type { Resource } from './resource.ts'
import { SIGNING_ALGORITHMS, type SigningKeyRecord, type SigningKeySet } from './signing-key.ts'
import {
  CONTENT_ENCRYPTION_ALGORITHMS,
  KEY_ENCRYPTION_ALGORITHMS,
  type PublicKeyEncryption,
} from './token-encryption.ts'

type Check = (value: unknown) => boolean
/** What each member that is judged by must be. Members for the operator's eyes, such as names, are not looked at. */
type Shape<Record> = readonly (readonly [keyof Record & string, Check])[]

const isText: Check = (value) => typeof value === 'string'
const isBoolean: Check = (value) => typeof value === 'boolean'
const isSeconds: Check = (value) => Number.isSafeInteger(value)
const isObject: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const oneOf =
  (words: readonly unknown[]): Check =>
  (value) =>
    words.includes(value)
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check)
const shaped =
  <Part>(shape: Shape<Part>): Check =>
  (value) =>
    isObject(value) && faultIn(shape, value as Part) === undefined

function faultIn<Part>(shape: Shape<Part>, value: Part): string | undefined {
  for (const [member, check] of shape) if (!check(value[member])) return member
  return undefined
}

type OfKind<Kind extends Credential['kind']> = Shape<Extract<Credential, { readonly kind: Kind }>>

const BASE: Shape<Credential> = [
  ['id', isText],
  ['origin', optional(oneOf(['file']))],
  ['notBefore', optional(isSeconds)],
  ['expiresAt', optional(isSeconds)],
]

const CREDENTIALS: { readonly [Kind in Credential['kind']]: OfKind<Kind> } = {
  secret: [...BASE, ['hash', isSecretHash], ['sealed', optional(isText)]],
  jwks: [...BASE, ['keys', listOf(isObject)]],
  jwks_uri: [...BASE, ['uri', isText]],
  tls_client_auth: [
    ...BASE,
    ['subjectDn', optional(isText)],
    ['sanDns', optional(isText)],
    ['sanUri', optional(isText)],
    ['sanIp', optional(isText)],
    ['sanEmail', optional(isText)],
  ],
  trusted_issuer: [
    ...BASE,
    ['issuer', isText],
    ['subject', isText],
    ['audience', isText],
    ['maxLifetimeSeconds', isSeconds],
    ['singleUse', isBoolean],
  ],
}

const isCredential: Check = (value) => {
  const kind = isObject(value) ? (value as Credential).kind : undefined
  return kind !== undefined && Object.hasOwn(CREDENTIALS, kind) && shaped(CREDENTIALS[kind] as Shape<unknown>)(value)
}

const SCOPE: Shape<ClientScope> = [
  ['name', isText],
  ['enabled', isBoolean],
]

const CLIENT: Shape<Client> = [
  ['enabled', isBoolean],
  ['credentials', listOf(isCredential)],
  ['scopes', listOf(shaped(SCOPE))],
  ['defaultScopes', optional(listOf(isText))],
  ['scopePolicy', oneOf(['strict', 'reduce'])],
  ['introspect', oneOf(['own', 'any'])],
  ['resourceServerFor', listOf(isText)],
  ['resources', optional(listOf(isText))],
  ['grantTypes', listOf(isText)],
  ['tokenEndpointAuthMethod', optional(oneOf(CLIENT_AUTH_METHODS))],
  ['tokenEndpointAuthSigningAlg', optional(oneOf(ASSERTION_ALGORITHMS))],
  ['legacyAssertionAudience', optional(isBoolean)],
  ['accessTokenLifetimeSeconds', optional(isSeconds)],
  ['accessTokenFormat', optional(oneOf(ACCESS_TOKEN_FORMATS))],
  ['tlsClientCertificateBoundAccessTokens', optional(isBoolean)],
  ['dpopBoundAccessTokens', optional(isBoolean)],
  ['dpopNonceRequired', optional(isBoolean)],
  ['claims', optional(isObject)],
  ['tokensValidFrom', isSeconds],
]

const ENCRYPTION: Shape<PublicKeyEncryption> = [
  ['alg', oneOf(KEY_ENCRYPTION_ALGORITHMS)],
  ['enc', oneOf(CONTENT_ENCRYPTION_ALGORITHMS)],
  ['key', isObject],
]

const RESOURCE: Shape<Resource> = [
  ['scopes', listOf(isText)],
  ['accessTokenFormat', optional(oneOf(ACCESS_TOKEN_FORMATS))],
  ['accessTokenLifetimeSeconds', optional(isSeconds)],
  ['accessTokenSigningAlg', optional(oneOf(SIGNING_ALGORITHMS))],
  ['accessTokenEncryption', optional(shaped(ENCRYPTION))],
  ['claims', optional(isObject)],
]

const isListOfTexts = listOf(isText)

/** Written out: a store finds another record for each request, where clients and resources are the same again and again. */
function faultInToken(token: AccessTokenRecord): string | undefined {
  if (!isText(token.clientId)) return 'clientId'
  if (!isText(token.subject)) return 'subject'
  if (!isListOfTexts(token.scopes)) return 'scopes'
  if (!isListOfTexts(token.audience)) return 'audience'
  if (!isSeconds(token.issuedAt)) return 'issuedAt'
  if (!isSeconds(token.expiresAt)) return 'expiresAt'
  if (token.confirmation !== undefined && !isConfirmation(token.confirmation)) return 'confirmation'
  return token.claims === undefined || isObject(token.claims) ? undefined : 'claims'
}

/** What a record is called, by which member it is asked for, and what is broken of it. */
interface Kind<Record> {
  readonly what: string
  readonly name: keyof Record & string
  readonly faultOf: (record: Record) => string | undefined
}

const CLIENTS: Kind<Client> = { what: 'client', name: 'id', faultOf: (client) => faultIn(CLIENT, client) }
const TOKENS: Kind<AccessTokenRecord> = { what: 'token', name: 'id', faultOf: faultInToken }
const RESOURCES: Kind<Resource> = {
  what: 'resource',
  name: 'identifier',
  faultOf: (resource) => faultIn(RESOURCE, resource),
}

/**
 * A client as a backend found it, if it is the one that was asked for and every member is of its type. A text where a
 * number belongs makes comparisons come out somehow, and a missing list grants or forbids somehow: neither is guessed at.
 *
 * @throws TypeError that names the member: a broken record is a failure, never a client with other rights.
 */
export const readableClient = (client: Client | undefined, id: string): Client | undefined =>
  judgedOnce(CLIENTS, client, id)

/** A token as a backend found it. @throws TypeError as for a client: a broken record is never an inactive token. */
export const readableToken = (token: AccessTokenRecord | undefined, id: string): AccessTokenRecord | undefined =>
  readable(TOKENS, token, id)

/** A resource as a backend found it. @throws TypeError as for a client: a broken record is never another audience. */
export const readableResource = (resource: Resource | undefined, identifier: string): Resource | undefined =>
  judgedOnce(RESOURCES, resource, identifier)

const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0

/** A set of signing keys as a backend found it; each key is judged when it is opened. @throws TypeError when it is none. */
export function readableKeySet(set: SigningKeySet): SigningKeySet {
  if (isObject(set) && isCount(set.generation) && listOf(shaped<SigningKeyRecord>([['kid', isText]]))(set.keys))
    return set
  throw new TypeError('the set of signing keys cannot be read')
}

/** Records that were judged and cannot have changed since: a store in memory hands out the same one again and again. */
const judged = new WeakSet<object>()

function judgedOnce<Record extends object>(
  kind: Kind<Record>,
  record: Record | undefined,
  id: string,
): Record | undefined {
  if (record !== undefined && judged.has(record) && record[kind.name] === id) return record
  const found = readable(kind, record, id)
  if (found !== undefined && isDeeplyFrozen(found)) judged.add(found)
  return found
}

function readable<Record extends object>(
  { what, name, faultOf }: Kind<Record>,
  record: Record | undefined,
  id: string,
): Record | undefined {
  if (record === undefined) return undefined
  if (!isObject(record)) throw new TypeError(`the record of a ${what} cannot be read: it is no object`)
  if (record[name] !== id) throw new TypeError(`the record of a ${what} is not the one that was asked for`)
  const fault = faultOf(record)
  if (fault !== undefined) throw new TypeError(`the record of a ${what} cannot be read: its ${fault} is broken`)
  return record
}

const isDeeplyFrozen = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen))
