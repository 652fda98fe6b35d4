import {
  importPrivateKey,
  importPublicKey,
  type KeyObject,
  keyFault,
  publicMembersOf,
  signWith,
  verifyWith,
} from '../crypto.ts'
import type { JsonObject, JsonValue } from '../domain/json-value.ts'
import { type PublicKeyMembers, SIGNING_ALGORITHMS, type SigningAlgorithm } from '../domain/signing-key.ts'
import { thumbprintOf } from '../jose/thumbprint.ts'
import type { PublishedKey, Signer, SigningKey } from '../ports/signer.ts'
import { parseStrictJson } from '../protocol/strict-json.ts'

/** What {@link openOwnKeys} takes. */
export interface OwnKeysOptions {
  /**
   * A private key in PEM or as a JWK, or a JWK Set: its first key signs and is private, the others are published, for
   * tokens of before and tokens to come. For a resource that wants another algorithm the first private key of that one signs.
   */
  readonly keys: string
  /** Of a key that names no algorithm. By default what fits its type: `ES256`, `ES384`, `ES512`, `EdDSA` or `RS256`. */
  readonly alg?: SigningAlgorithm | undefined
  /** For how long caches may keep the published keys. 300 seconds by default. */
  readonly publishedForSeconds?: number | undefined
}

/** A signer with keys of one's own. */
export interface OwnKeys extends Signer {
  /** The algorithms that it signs with, that of the first key first. */
  algorithms(): readonly SigningAlgorithm[]
}

/** A key that was read: its private half where it has one. */
interface OwnKey extends PublishedKey {
  readonly privateKey: KeyObject | undefined
  /** The same for the same key, whatever it is called. */
  readonly thumbprint: string
}

/** What a key is used with where nobody has said it. One that fits none of them is told why by the last. */
const usualAlgorithmOf = (key: KeyObject): SigningAlgorithm =>
  (['ES256', 'ES384', 'ES512', 'EdDSA'] as const).find((alg) => keyFault(alg, key) === undefined) ?? 'RS256'

const PUBLISHED_FOR_SECONDS = 300
const KID = /^[\x21-\x7e]{1,255}$/

/**
 * Signs with keys of one's own. They are rotated by whoever made them.
 *
 * @throws TypeError that says which key is wrong and why, and repeats nothing of it.
 */
export async function openOwnKeys(options: OwnKeysOptions): Promise<OwnKeys> {
  const sources = sourcesOf(options.keys)
  const keys: OwnKey[] = []
  for (const [index, source] of sources.entries()) {
    const what = sources.length === 1 ? 'the key' : `key ${index + 1} of ${sources.length}`
    keys.push(readKey(source, options.alg, (fault) => new TypeError(`${what} ${fault}`)))
  }
  checkApart(keys)
  const [first] = keys
  if (first?.privateKey === undefined) throw new TypeError('the first key must be a private one: it signs')
  const signing = new Map<SigningAlgorithm, SigningKey>()
  for (const [index, key] of keys.entries())
    if (key.privateKey !== undefined && !signing.has(key.alg))
      signing.set(key.alg, await signingKeyOf(key, key.privateKey, index === 0 ? 'the first key' : `key ${index + 1}`))
  const published = Object.freeze(keys.map(({ kid, alg, publicKey }) => ({ kid, alg, publicKey })))
  return {
    publishedForSeconds: options.publishedForSeconds ?? PUBLISHED_FOR_SECONDS,
    longestTokenSeconds: Number.POSITIVE_INFINITY,
    signingKey(_now, alg = first.alg) {
      const key = signing.get(alg)
      if (key === undefined) throw new Error(`there is no private key of ${alg}`)
      return key
    },
    algorithms: () => [...signing.keys()],
    publishedKeys: () => published,
  }
}

function sourcesOf(text: string): readonly (string | JsonObject)[] {
  if (text.trimStart().startsWith('-----BEGIN ')) return [text]
  const value = parseJson(text)
  if (!isObject(value)) throw new TypeError('it is neither PEM, nor a JWK, nor a JWK Set')
  const { keys } = value
  if (keys === undefined) return [value]
  if (Array.isArray(keys) && keys.length > 0 && keys.every(isObject)) return keys
  throw new TypeError('keys must be a list of at least one JWK')
}

function parseJson(text: string): JsonValue {
  try {
    return parseStrictJson(text)
  } catch (error) {
    throw new TypeError(`it is neither PEM, nor a JWK: ${(error as Error).message}`)
  }
}

function readKey(
  source: string | JsonObject,
  alg: SigningAlgorithm | undefined,
  fault: (problem: string) => TypeError,
): OwnKey {
  const jwk: JsonObject = typeof source === 'string' ? {} : source
  if (jwk['kty'] === 'oct') throw fault('is a secret: what shares a secret needs no key pair')
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig') throw fault('has a use that is not "sig"')
  if (jwk['kid'] !== undefined && !(typeof jwk['kid'] === 'string' && KID.test(jwk['kid'])))
    throw fault('has a kid that is not 1 to 255 characters of printable ASCII')
  const isPublic = typeof source !== 'string' && source['d'] === undefined
  const { privateKey, publicKey } = halvesOf(source, isPublic, fault)
  const key = privateKey ?? importPublicKey(publicKey)
  const own = algorithmOf(jwk['alg'] ?? alg ?? usualAlgorithmOf(key), fault)
  const unfit = keyFault(own, key)
  if (unfit !== undefined) throw fault(`is unfit: ${unfit}`)
  const thumbprint = thumbprintOf(publicKey)
  return { kid: jwk['kid'] ?? thumbprint, alg: own, publicKey, privateKey, thumbprint }
}

function halvesOf(source: string | JsonObject, isPublic: boolean, fault: (problem: string) => TypeError) {
  try {
    if (isPublic) {
      const publicKey = source as PublicKeyMembers
      return { privateKey: undefined, publicKey: publicMembersOf(importPublicKey(publicKey)) }
    }
    const privateKey = importPrivateKey(source)
    return { privateKey, publicKey: publicMembersOf(privateKey) }
  } catch {
    // What the library says of a key may quote it.
    throw fault(
      typeof source === 'string'
        ? 'cannot be read: it must be a private key in PEM, without a passphrase'
        : 'cannot be read: it must be a JWK of the type EC, OKP or RSA',
    )
  }
}

function algorithmOf(name: JsonValue | undefined, fault: (problem: string) => TypeError): SigningAlgorithm {
  const alg = SIGNING_ALGORITHMS.find((known) => known === name)
  if (alg === undefined) throw fault(`is for none of the algorithms ${SIGNING_ALGORITHMS.join(', ')}`)
  return alg
}

/** RFC 8725 §3.1: one key, one algorithm; and a kid names one key. */
function checkApart(keys: readonly OwnKey[]): void {
  for (const name of ['kid', 'thumbprint'] as const)
    if (new Set(keys.map((key) => key[name])).size < keys.length)
      throw new TypeError(name === 'kid' ? 'two keys have one kid' : 'one key is there twice')
}

async function signingKeyOf(
  { kid, alg, publicKey }: OwnKey,
  privateKey: KeyObject,
  which: string,
): Promise<SigningKey> {
  const sign = (data: Uint8Array): Promise<Uint8Array> => signWith(alg, privateKey, data)
  const probe = Buffer.from('do the halves of this key belong together?')
  // A JWK tells both halves, and nobody compares them.
  if (!(await verifyWith(alg, importPublicKey(publicKey), probe, await sign(probe))))
    throw new TypeError(`${which} has two halves that do not belong together`)
  return { kid, alg, sign }
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
