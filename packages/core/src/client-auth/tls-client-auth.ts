import { sha256 } from '../crypto.ts'
import { type Credential, isLive, type TlsClientAuthCredential } from '../domain/credential.ts'
import { hasName, parseDistinguishedName } from '../domain/distinguished-name.ts'
import { canonicalAddress } from '../domain/ip-address.ts'
import type { RegisteredKey } from '../domain/registered-key.ts'
import type { OAuthError } from '../errors.ts'
import type { ClientCertificate } from '../protocol/client-certificate.ts'
import type { EndpointRequest } from '../protocol/endpoint-request.ts'
import { type CertificateNames, readCertificateNames } from '../x509/certificate-names.ts'
import type { ClientAuthMethod, VerificationContext } from './client-auth-method.ts'
import type { KeySets } from './key-sets.ts'

/**
 * The certificate of the connection (RFC 8705 §2): by a name in it, where its chain was verified, or by the certificate as a
 * whole, which the client signed itself. What the client is registered with tells which of the two; the request looks the same.
 */
export const tlsClientAuth = (keySets: KeySets): ClientAuthMethod => ({
  names: ['tls_client_auth', 'self_signed_tls_client_auth'],
  extract(request) {
    const { clientCertificate, form } = request
    const clientId = form.get('client_id')
    // Beside any other credentials a certificate only binds the token: it may be there with every request.
    if (clientCertificate === undefined || clientId === undefined || presentsOthers(request)) return undefined
    return [{ clientId, verify: (against) => holderOf(clientCertificate, against, keySets) }]
  },
})

const presentsOthers = ({ authorization, form }: EndpointRequest): boolean =>
  authorization !== undefined ||
  ['client_secret', 'client_assertion', 'client_assertion_type'].some((name) => form.get(name) !== undefined)

/**
 * Which of the client's credentials the certificate is of, a live one if any is.
 *
 * @throws OAuthError `temporarily_unavailable` when it is of none that is live, and might be of one whose host does not answer.
 */
async function holderOf(
  certificate: ClientCertificate,
  { client, now }: VerificationContext,
  keySets: KeySets,
): Promise<Credential | undefined> {
  const method = client?.tokenEndpointAuthMethod
  const names =
    certificate.isVerified && method !== 'self_signed_tls_client_auth' ? namesIn(certificate.der) : undefined
  const digest = method === 'tls_client_auth' ? undefined : sha256(certificate.der)
  const held: Credential[] = []
  let away: OAuthError | undefined
  for (const credential of client?.credentials ?? []) {
    if (credential.kind === 'tls_client_auth') {
      if (names !== undefined && isNamed(names, credential)) held.push(credential)
    } else if (digest !== undefined && (credential.kind === 'jwks' || credential.kind === 'jwks_uri')) {
      const has = (keys: readonly RegisteredKey[]): boolean => certificatesIn(keys).includes(digest)
      const found = await keySets.keysOf(credential, client?.id ?? '', has)
      if (isLive(credential, now)) away ??= found.away
      if (has(found.keys)) held.push(credential)
    }
  }
  const live = held.find((credential) => isLive(credential, now))
  if (live === undefined && away !== undefined) throw away
  return live ?? held[0]
}

/** `undefined` for a certificate that cannot be read: it names nobody. */
function namesIn(der: Uint8Array): CertificateNames | undefined {
  try {
    return readCertificateNames(der)
  } catch {
    return undefined
  }
}

/** RFC 8705 §2.1.2: one name of one kind, and no wildcard in it is ever expanded. */
function isNamed(names: CertificateNames, credential: TlsClientAuthCredential): boolean {
  const { subjectDn, sanDns, sanUri, sanIp, sanEmail } = credential
  if (subjectDn !== undefined) {
    const registered = parseDistinguishedName(subjectDn)
    return registered !== undefined && hasName(names.subject, registered)
  }
  if (sanDns !== undefined) return names.dns.some((name) => inLowerCase(name) === inLowerCase(sanDns))
  if (sanUri !== undefined) return names.uris.includes(sanUri)
  if (sanIp !== undefined) return names.addresses.includes(canonicalAddress(sanIp) ?? '')
  return sanEmail !== undefined && names.emails.some((email) => mailboxOf(email) === mailboxOf(sanEmail))
}

/** ASCII alone: what else looks like a capital is another name. */
const inLowerCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/** RFC 5280 §7.5: the host of an address is compared without its case, the part before it with. */
function mailboxOf(email: string): string {
  const at = email.lastIndexOf('@') + 1
  return email.slice(0, at) + inLowerCase(email.slice(at))
}

const digests = new WeakMap<readonly RegisteredKey[], readonly string[]>()

/** The digests of the certificates in a set of keys. Reading base64 for each request would take longer than the comparison. */
function certificatesIn(keys: readonly RegisteredKey[]): readonly string[] {
  const known = digests.get(keys)
  if (known !== undefined) return known
  const found = keys.flatMap(({ x5c }) => (x5c === undefined ? [] : sha256(Buffer.from(x5c[0], 'base64'))))
  digests.set(keys, found)
  return found
}
