import { isKeyId, privateMembersIn, problemsOfModulus, problemsOfPoint } from './public-key.ts'
import type { PublicKeyMembers } from './signing-key.ts'

/** How the key of one token is encrypted to the public key of an API (RFC 7518 §4.3, §4.6). */
export const KEY_ENCRYPTION_ALGORITHMS = ['RSA-OAEP-256', 'ECDH-ES+A256KW'] as const
/** How the token itself is encrypted (RFC 7518 §5.3). */
export const CONTENT_ENCRYPTION_ALGORITHMS = ['A128GCM', 'A256GCM'] as const

/** An algorithm of the table {@link KEY_ENCRYPTION_ALGORITHMS}. */
export type KeyEncryptionAlgorithm = (typeof KEY_ENCRYPTION_ALGORITHMS)[number]

/** How tokens are encrypted to an API that has a key pair of its own. Plain data. */
export interface PublicKeyEncryption {
  /** `RSA-OAEP-256` takes an RSA key of 2048 to 8192 bits, `ECDH-ES+A256KW` one on P-256, P-384 or P-521. */
  readonly alg: KeyEncryptionAlgorithm
  readonly enc: (typeof CONTENT_ENCRYPTION_ALGORITHMS)[number]
  /** The public half of the API's key as a JWK. A `kid` is repeated in the header of each token. */
  readonly key: PublicKeyMembers
}

/** What makes a public key, and its name. Other members say nothing here, and are ignored (RFC 7517 §4). */
const KEPT = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid'] as const

const TYPES: Readonly<Record<KeyEncryptionAlgorithm, string>> = { 'RSA-OAEP-256': 'RSA', 'ECDH-ES+A256KW': 'EC' }

/** The same, without what is of no use for encrypting. */
export const encryptionOf = ({ alg, enc, key }: PublicKeyEncryption): PublicKeyEncryption => ({
  alg,
  enc,
  key: Object.fromEntries(KEPT.flatMap((name) => (key[name] === undefined ? [] : [[name, key[name]]]))),
})

/** What is wrong with the way in which the tokens for an API are encrypted. Repeats nothing of the key. */
export function* problemsOfEncryption(encryption: unknown): Generator<string> {
  if (!isObject(encryption)) {
    yield 'accessTokenEncryption must have alg, enc and key'
    return
  }
  const alg = KEY_ENCRYPTION_ALGORITHMS.find((known) => known === encryption['alg'])
  if (alg === undefined) yield `accessTokenEncryption.alg must be one of ${KEY_ENCRYPTION_ALGORITHMS.join(', ')}`
  if (!CONTENT_ENCRYPTION_ALGORITHMS.some((known) => known === encryption['enc']))
    yield `accessTokenEncryption.enc must be one of ${CONTENT_ENCRYPTION_ALGORITHMS.join(', ')}`
  for (const name of Object.keys(encryption))
    if (!['alg', 'enc', 'key'].includes(name)) yield 'accessTokenEncryption has nothing but alg, enc and key'
  if (alg !== undefined)
    for (const problem of problemsOfKey(encryption['key'], alg)) yield `accessTokenEncryption.key ${problem}`
}

function* problemsOfKey(key: unknown, alg: KeyEncryptionAlgorithm): Generator<string> {
  if (!isObject(key)) {
    yield 'must be a public key as a JWK (RFC 7517 §4)'
    return
  }
  for (const name of privateMembersIn(key)) yield `must be the public half alone, and has ${name}`
  if (key['kty'] !== TYPES[alg]) yield `must be of the type ${TYPES[alg]} for ${alg}`
  else if (alg === 'RSA-OAEP-256') yield* problemsOfModulus(key)
  else yield* problemsOfPoint(key)
  if (key['use'] !== undefined && key['use'] !== 'enc') yield 'has a use that is not "enc"'
  if (key['alg'] !== undefined && key['alg'] !== alg) yield 'is for another algorithm (RFC 8725 §3.1)'
  if (key['kid'] !== undefined && !isKeyId(key['kid']))
    yield 'has a kid that is not 1 to 255 characters of printable ASCII'
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
