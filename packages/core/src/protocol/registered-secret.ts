import type { SecretCredential, SecretHash } from '../domain/credential.ts'
import type { EpochSeconds } from '../domain/epoch-seconds.ts'
import type { JsonObject, JsonValue } from '../domain/json-value.ts'
import { isPlausible } from './basic-credentials.ts'
import { credentialIdIn } from './generated-secret-format.ts'
import { type Complain, checkName, isObject } from './metadata-reader.ts'

/** A secret as a registration gives it: in clear, or as the hash that `latchkey hash-secret` prints. */
export type RegisteredSecret = {
  readonly id?: string
  readonly label?: string
  readonly notBefore?: EpochSeconds
  readonly expiresAt?: EpochSeconds
} & ({ readonly value: string; readonly hash?: never } | { readonly hash: SecretHash; readonly value?: never })

/** The members of a client's metadata that hold secrets. */
export const SECRET_MEMBERS: readonly string[] = ['client_secret', 'client_secret_hash', 'client_secrets']
const LISTED_SECRET_MEMBERS = ['id', 'value', 'hash', 'label', 'not_before', 'expires_at']

/** Stand for the hash of a secret in clear until it is hashed: checking a registration must not cost a key derivation. */
const UNHASHED: SecretHash = `$scrypt$ln=15,r=8,p=3$${'A'.repeat(22)}$${'A'.repeat(43)}`
const unhashedOf = (credentialId: string): SecretHash => `$sha256$id=${credentialId}$${'A'.repeat(43)}`

/** The credential that a registered secret becomes; `hash` is what hashing its clear value came to. */
export function credentialOf(secret: RegisteredSecret, index: number, hash?: SecretHash): SecretCredential {
  const { label, notBefore, expiresAt } = secret
  // A generated secret names its credential, and so does its hash.
  const named = secret.value === undefined ? idInHash(secret.hash) : credentialIdIn(secret.value)
  return {
    kind: 'secret',
    id: secret.id ?? named ?? (index === 0 ? 'secret' : `secret-${index + 1}`),
    hash: hash ?? secret.hash ?? (named === undefined ? UNHASHED : unhashedOf(named)),
    ...(label !== undefined && { label }),
    ...(notBefore !== undefined && { notBefore }),
    ...(expiresAt !== undefined && { expiresAt }),
  }
}

const idInHash = (hash: SecretHash): string | undefined => /^\$sha256\$id=(?<id>[^$]*)\$/.exec(hash)?.groups?.['id']

/** Reads the secrets of a client's metadata, and complains of all that is wrong with them. */
export function readSecrets(metadata: JsonObject, complain: Complain): readonly RegisteredSecret[] {
  const { client_secret: value, client_secret_hash: hash, client_secrets: list } = metadata
  if (value !== undefined && hash !== undefined)
    complain('client_secret and client_secret_hash are both given; one of them is enough')
  const secrets: RegisteredSecret[] = []
  if (value !== undefined) secrets.push(...readSecret({ value }, 'client_secret', complain))
  else if (hash !== undefined) secrets.push(...readSecret({ hash }, 'client_secret_hash', complain))
  if (list === undefined) return secrets
  if (!Array.isArray(list)) {
    complain('client_secrets must be a list')
    return secrets
  }
  for (const [index, item] of list.entries()) {
    const where = `client_secrets[${index}]`
    if (isObject(item)) secrets.push(...readSecret(item, where, complain))
    else complain(`${where} must be an object`)
  }
  return secrets
}

function readSecret(item: JsonObject, where: string, complain: Complain): readonly RegisteredSecret[] {
  for (const name of Object.keys(item))
    checkName(name, LISTED_SECRET_MEMBERS, (problem) => complain(`${where}: ${problem}`))
  const { id, value, hash, label, not_before, expires_at } = item
  const notBefore = readTime(not_before)
  const expiresAt = readTime(expires_at)
  if (id !== undefined && typeof id !== 'string') complain(`${where}: id must be a text`)
  if (label !== undefined && typeof label !== 'string') complain(`${where}: label must be a text`)
  if (notBefore === null)
    complain(`${where}: not_before must be seconds since 1970 or a date such as 2030-01-31T00:00:00Z`)
  if (expiresAt === null)
    complain(`${where}: expires_at must be seconds since 1970 or a date such as 2030-01-31T00:00:00Z`)
  const common = {
    ...(typeof id === 'string' && { id }),
    ...(typeof label === 'string' && { label }),
    ...(typeof notBefore === 'number' && { notBefore }),
    ...(typeof expiresAt === 'number' && { expiresAt }),
  }
  if ((value === undefined) === (hash === undefined)) complain(`${where}: give value or hash, one of them`)
  else if (hash !== undefined) {
    if (typeof hash === 'string') return [{ ...common, hash: hash as SecretHash }]
    complain(`${where}: the hash must be a text that latchkey hash-secret printed`)
  } else if (typeof value === 'string' && isPlausible({ clientId: 'any', clientSecret: value }))
    return [{ ...common, value }]
  else complain(`${where}: a secret must be 1 to 1024 characters of printable ASCII`)
  return []
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)$/

/** `undefined` for what is left out, `null` for what is no time. */
function readTime(value: JsonValue | undefined): EpochSeconds | undefined | null {
  if (value === undefined) return undefined
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : null
  const parsed = typeof value === 'string' && DATE_TIME.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(parsed) ? null : parsed / 1000
}
