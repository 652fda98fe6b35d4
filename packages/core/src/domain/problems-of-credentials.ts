import { type Credential, isHumanChosen, isSecretHash, ownerOfHash } from './credential.ts'
import { parseDistinguishedName } from './distinguished-name.ts'
import { isHttpsUrl } from './https-url.ts'
import { canonicalAddress } from './ip-address.ts'
import { MAX_KEYS, problemsOfRegisteredKey, registeredKeyOf } from './registered-key.ts'
import { isShortText, MAX_TEXT_LENGTH } from './text.ts'

const CREDENTIAL_ID_PATTERN = /^[A-Za-z0-9._~-]{1,64}$/

type OfKind<Kind extends Credential['kind']> = Extract<Credential, { readonly kind: Kind }>

/** What is wrong with the part of a credential that its kind has for itself. */
const OF_KIND: { readonly [Kind in Credential['kind']]: (credential: OfKind<Kind>) => Iterable<string> } = {
  *secret({ id, hash, sealed }) {
    const owner = isSecretHash(hash) ? ownerOfHash(hash) : undefined
    if (!isSecretHash(hash)) yield 'hash must be one that Latchkey made'
    if (owner !== undefined && owner !== id) yield 'its hash belongs to another credential'
    if (sealed !== undefined && !isPrintable(sealed)) yield 'sealed must be what Latchkey sealed'
  },
  *jwks({ keys }) {
    if (!Array.isArray(keys) || keys.length < 1 || keys.length > MAX_KEYS) {
      yield `keys must be a list of 1 to ${MAX_KEYS} public keys`
      return
    }
    for (const [index, key] of keys.entries())
      for (const problem of problemsOfRegisteredKey(key)) yield `keys[${index}] ${problem}`
  },
  *jwks_uri({ uri }) {
    if (!isHttpsUrl(uri)) yield 'uri must be an absolute https URL without userinfo and fragment (RFC 7591 §2)'
  },
  *tls_client_auth(credential) {
    const given = NAMES_IN_CERTIFICATES.filter((name) => credential[name] !== undefined)
    if (given.length !== 1) yield `exactly one of ${NAMES_IN_CERTIFICATES.join(', ')} must be given (RFC 8705 §2.1.2)`
    for (const name of given) {
      const value = credential[name]
      if (!isName(value)) yield `${name} must be 1 to ${MAX_NAME_LENGTH} characters`
      else if (!IS_NAME[name](value)) yield `${name} ${NAME_MUST[name]}`
    }
  },
  *trusted_issuer({ issuer, subject, audience, maxLifetimeSeconds, singleUse }) {
    if (!isHttpsUrl(issuer) || issuer.includes('?')) yield 'issuer must be an https URL without query and fragment'
    if (!isName(subject)) yield `subject must be 1 to ${MAX_NAME_LENGTH} characters`
    else if (/^[*:/]+$/.test(subject)) yield 'subject must name something: it is nothing but a pattern'
    if (!isName(audience)) yield `audience must be 1 to ${MAX_NAME_LENGTH} characters`
    if (!Number.isSafeInteger(maxLifetimeSeconds) || maxLifetimeSeconds < 1 || maxLifetimeSeconds > MOST_SECONDS)
      yield `maxLifetimeSeconds must be 1 to ${MOST_SECONDS}`
    if (typeof singleUse !== 'boolean') yield 'singleUse must be true or false'
  },
}

const NAMES_IN_CERTIFICATES = ['subjectDn', 'sanDns', 'sanUri', 'sanIp', 'sanEmail'] as const
type CertificateName = (typeof NAMES_IN_CERTIFICATES)[number]

/** A name that can be in no certificate would lock the client out, and nobody would know why. */
const IS_NAME: Readonly<Record<CertificateName, (value: string) => boolean>> = {
  subjectDn: (value) => parseDistinguishedName(value) !== undefined,
  sanDns: (value) => /^[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(value),
  sanUri: (value) => /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/.test(value),
  sanIp: (value) => canonicalAddress(value) !== undefined,
  sanEmail: (value) => /^[\x21-\x3f\x41-\x7e]+@[A-Za-z0-9.-]+$/.test(value),
}

const NAME_MUST: Readonly<Record<CertificateName, string>> = {
  subjectDn: 'must be a name as RFC 4514 writes one, which openssl x509 -noout -subject -nameopt RFC2253 prints',
  sanDns: 'must be a host name in ASCII, without a wildcard',
  sanUri: 'must be an absolute URI in ASCII',
  sanIp: 'must be an IPv4 or IPv6 address',
  sanEmail: 'must be an email address in ASCII',
}

const MAX_NAME_LENGTH = 1024
/** A day: a workload whose token lives longer has a secret again. */
const MOST_SECONDS = 86_400

/** Everything that is wrong with the credentials of a client, by itself or together. Repeats no hash and no key. */
export function* problemsOfCredentials(credentials: readonly Credential[]): Generator<string> {
  const ids = new Set<string>()
  for (const credential of credentials) {
    const { kind, id, label, origin, notBefore, expiresAt } = credential
    if (typeof id !== 'string' || !CREDENTIAL_ID_PATTERN.test(id))
      yield `a credential's id must match ${CREDENTIAL_ID_PATTERN.source}`
    if (ids.has(id)) yield `two credentials have the id "${id}"`
    ids.add(id)
    if (!Object.hasOwn(OF_KIND, kind))
      yield `credential "${id}": kind must be one of "${Object.keys(OF_KIND).join('", "')}"`
    else for (const problem of problemsOfKind(credential)) yield `credential "${id}": ${problem}`
    if (label !== undefined && !isShortText(label))
      yield `credential "${id}": label must be at most ${MAX_TEXT_LENGTH} characters`
    if (origin !== undefined && origin !== 'file') yield `credential "${id}": origin must be "file"`
    if (notBefore !== undefined && !isEpochSeconds(notBefore))
      yield `credential "${id}": notBefore must be a time in whole seconds`
    if (expiresAt !== undefined && !isEpochSeconds(expiresAt))
      yield `credential "${id}": expiresAt must be a time in whole seconds`
  }
  if (hasTwoLiveHumanChosenSecrets(credentials))
    yield 'at most one secret that a person chose may be live at a time; generate the other'
}

/** A credential as it is kept: nothing but what is public of a key, and no sealed secret that its client does not sign with. */
export function keptCredential(credential: Credential, signsWithSecrets: boolean): Credential {
  if (credential.kind === 'jwks') return { ...credential, keys: credential.keys.map(registeredKeyOf) }
  if (credential.kind !== 'secret' || credential.sealed === undefined || signsWithSecrets) return credential
  const { sealed: _, ...hashAlone } = credential
  return hashAlone
}

// The table has one function for each kind, which the compiler cannot follow from a kind to its own.
const problemsOfKind = (credential: Credential): Iterable<string> =>
  (OF_KIND[credential.kind] as (credential: Credential) => Iterable<string>)(credential)

/** Each one costs a key derivation, so a failed attempt would cost one for each. */
function hasTwoLiveHumanChosenSecrets(credentials: readonly Credential[]): boolean {
  const spans = credentials
    .filter((credential) => credential.kind === 'secret' && isSecretHash(credential.hash) && isHumanChosen(credential))
    .map(({ notBefore = 0, expiresAt = Number.POSITIVE_INFINITY }) => ({
      notBefore,
      expiresAt,
    }))
    .sort((a, b) => a.notBefore - b.notBefore)
  return spans.some((span, index) => span.notBefore < (spans[index - 1]?.expiresAt ?? 0))
}

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME_LENGTH && isShown(value)

/** No control characters: they would be shown on a terminal, and stand in no name. */
const isShown = (value: string): boolean => !/\p{Cc}/u.test(value)

const isPrintable = (value: unknown): boolean => typeof value === 'string' && /^[\x21-\x7e]{1,4096}$/.test(value)

const isEpochSeconds = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
