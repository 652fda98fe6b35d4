import { isKeyId, privateMembersIn, problemsOfEdwardsPoint, problemsOfModulus, problemsOfPoint } from './public-key.ts'
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from './signing-key.ts'

/** A public key that a client is registered with, as a JWK (RFC 7517 §4). What it does not need is not kept. */
export interface RegisteredKey {
  readonly kty: 'EC' | 'RSA' | 'OKP'
  readonly crv?: string
  readonly x?: string
  readonly y?: string
  readonly n?: string
  readonly e?: string
  readonly kid?: string
  /** Where it is there, the only algorithm that the key counts for. */
  readonly alg?: SigningAlgorithm
  readonly use?: 'sig'
  /** The client's own certificate alone, in base64 (RFC 7517 §4.7): the chain above it proves nothing here. */
  readonly x5c?: readonly [string]
}

/** No more are ever tried, kept or fetched for one client. */
export const MAX_KEYS = 32

const KEPT = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg', 'use'] as const
const MAX_CERTIFICATE_LENGTH = 16_384
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

type Members = Readonly<Record<string, unknown>>

/** What is wrong with the members of a key of each type. */
const MATERIAL: Readonly<Record<string, (key: Members) => Iterable<string>>> = {
  EC: problemsOfPoint,
  RSA: problemsOfModulus,
  OKP: problemsOfEdwardsPoint,
}

/** The type or the curve that each algorithm takes (RFC 7518 §3.1, RFC 8037 §3.1). */
const TAKES: Readonly<Record<SigningAlgorithm, string>> = {
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
  EdDSA: 'Ed25519',
  Ed25519: 'Ed25519',
  RS256: 'RSA',
  RS384: 'RSA',
  RS512: 'RSA',
  PS256: 'RSA',
  PS384: 'RSA',
  PS512: 'RSA',
}

/** Whether a key can verify signatures of an algorithm, and is not kept for another (RFC 8725 §3.1). */
export const isFitFor = ({ kty, crv, alg: only }: RegisteredKey, alg: SigningAlgorithm): boolean =>
  TAKES[alg] === (kty === 'RSA' ? 'RSA' : crv) && (only === undefined || only === alg)

/** What is wrong with a public key that a client is registered with. Repeats nothing of the key. */
export function* problemsOfRegisteredKey(key: unknown): Generator<string> {
  if (!isObject(key)) {
    yield 'must be a public key as a JWK (RFC 7517 §4)'
    return
  }
  for (const name of privateMembersIn(key)) yield `must be the public half alone, and has ${name}`
  const { kty, kid, use, alg, x5c } = key
  const material = typeof kty === 'string' && Object.hasOwn(MATERIAL, kty) ? MATERIAL[kty] : undefined
  if (material === undefined) yield `must be of the type ${Object.keys(MATERIAL).join(', ')}`
  else yield* material(key)
  if (kid !== undefined && !isKeyId(kid)) yield 'has a kid that is not 1 to 255 characters of printable ASCII'
  if (use !== undefined && use !== 'sig') yield 'has a use that is not "sig"'
  const algorithm = SIGNING_ALGORITHMS.find((known) => known === alg)
  if (alg !== undefined && (algorithm === undefined || !isFitFor(key as unknown as RegisteredKey, algorithm)))
    yield `has an alg that is not one of ${SIGNING_ALGORITHMS.join(', ')}, or not one for such a key`
  if (x5c !== undefined && !(Array.isArray(x5c) && isCertificate(x5c[0])))
    yield `has an x5c that does not begin with a certificate in base64, of at most ${MAX_CERTIFICATE_LENGTH} characters`
}

/** The same key, without what is of no use for verifying, and of a chain of certificates the client's own. */
export function registeredKeyOf(key: RegisteredKey): RegisteredKey {
  const kept = KEPT.flatMap((name) => (key[name] === undefined ? [] : [[name, key[name]]]))
  return { ...Object.fromEntries(kept), ...(key.x5c !== undefined && { x5c: [key.x5c[0]] }) }
}

const isCertificate = (value: unknown): boolean =>
  typeof value === 'string' && value.length <= MAX_CERTIFICATE_LENGTH && BASE64.test(value)

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
