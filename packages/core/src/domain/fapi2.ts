import type { Client } from './client.ts'
import type { ClientAuthMethodName } from './client-auth-methods.ts'
import type { Credential } from './credential.ts'
import { isFitFor, type RegisteredKey } from './registered-key.ts'
import type { SigningAlgorithm } from './signing-key.ts'

/** The algorithms of FAPI 2.0 Security Profile §5.4.1: `Ed25519` is what RFC 9864 calls `EdDSA` with that curve. */
export const FAPI2_ALGORITHMS: readonly SigningAlgorithm[] = ['ES256', 'EdDSA', 'Ed25519', 'PS256']

/** Which credentials each method of FAPI 2.0 Security Profile §5.3.2.1 works with. */
const KINDS = {
  private_key_jwt: ['jwks', 'jwks_uri'],
  tls_client_auth: ['tls_client_auth'],
  self_signed_tls_client_auth: ['jwks', 'jwks_uri'],
} as const satisfies Partial<Record<ClientAuthMethodName, readonly Credential['kind'][]>>

const METHODS = Object.keys(KINDS) as readonly (keyof typeof KINDS)[]

/** What of a client decides whether it can get tokens under FAPI 2.0. */
export type ClientUnderFapi2 = Pick<Client, 'credentials'> &
  Partial<Pick<Client, 'tokenEndpointAuthMethod' | 'tokenEndpointAuthSigningAlg' | 'legacyAssertionAudience'>>

/**
 * Why a client breaks the FAPI 2.0 Security Profile, in the words of its registration; empty where it does not. A secret
 * beside a key is no fault: nobody gets in by it. It repeats nothing of the credentials but the names of keys.
 */
export const problemsUnderFapi2 = (client: ClientUnderFapi2): readonly string[] => [...problemsOf(client)]

function* problemsOf(client: ClientUnderFapi2): Generator<string> {
  const { credentials, tokenEndpointAuthMethod: method, tokenEndpointAuthSigningAlg: alg } = client
  const allowed = METHODS.find((name) => name === method)
  if (method !== undefined && allowed === undefined)
    yield `token_endpoint_auth_method is ${method}, and must be one of ${METHODS.join(', ')} (§5.3.2.1)`
  else if (allowed === undefined && !METHODS.some((name) => holdsAny(credentials, KINDS[name])))
    yield `it has no key or certificate to authenticate by: ${namesOf(credentials)} let nobody in (§5.3.2.1)`
  else if (allowed !== undefined && !holdsAny(credentials, KINDS[allowed]))
    yield `it has no ${KINDS[allowed].join(' and no ')}, and ${allowed} needs one (§5.3.2.1)`
  if (alg !== undefined && !isAlgorithm(alg))
    yield `token_endpoint_auth_signing_alg is ${alg}, and must be one of ${FAPI2_ALGORITHMS.join(', ')} (§5.4.1)`
  if (client.legacyAssertionAudience === true)
    yield 'legacy_assertion_audience is true, and the audience of an assertion is the issuer alone (§5.3.2.1)'
  // Those of the other methods stand for certificates, or for nothing.
  if (allowed === undefined || allowed === 'private_key_jwt') yield* problemsOfKeys(credentials)
}

const holdsAny = (credentials: readonly Credential[], kinds: readonly Credential['kind'][]): boolean =>
  credentials.some(({ kind }) => kinds.includes(kind))

function* problemsOfKeys(credentials: readonly Credential[]): Generator<string> {
  for (const credential of credentials) {
    if (credential.kind !== 'jwks') continue
    for (const [index, key] of credential.keys.entries())
      if (!canSign(key))
        yield `jwks: keys[${index}]${key.kid === undefined ? '' : ` (${key.kid})`} is for none of ${FAPI2_ALGORITHMS.join(', ')} (§5.4.1)`
  }
}

/** A key with a certificate may be there for the certificate alone. */
const canSign = (key: RegisteredKey): boolean =>
  key.x5c !== undefined || FAPI2_ALGORITHMS.some((alg) => isFitFor(key, alg))

const isAlgorithm = (alg: string): boolean => FAPI2_ALGORITHMS.some((known) => known === alg)

const namesOf = (credentials: readonly Credential[]): string =>
  credentials.some(({ kind }) => kind === 'trusted_issuer') ? 'secrets, and tokens of trusted_issuer,' : 'secrets'
