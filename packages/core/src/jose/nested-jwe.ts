import { importPublicKey, type KeyObject } from '../crypto.ts'
import { KEY_ENCRYPTION_ALGORITHMS, type PublicKeyEncryption } from '../domain/token-encryption.ts'
import { parseStrictJson } from '../protocol/strict-json.ts'
import { decodeBase64Url, encodeBase64Url } from './base64url.ts'
import { loadedJose } from './loaded-jose.ts'

/** The key that encrypts, by how it is used (RFC 7518 §4.4, §4.5); no password becomes a key here. */
const KEY_MANAGEMENT = ['dir', 'A256KW'] as const
/** How content is encrypted, and how many bytes its key has (RFC 7518 §5.3). */
const CONTENT_KEY_BYTES = { A128GCM: 16, A256GCM: 32 } as const

/** How signed tokens are encrypted, for APIs that share the key. */
export interface SharedKeyEncryption {
  /** `dir` encrypts with the key itself, `A256KW` with one of its own for each token. */
  readonly alg: (typeof KEY_MANAGEMENT)[number]
  readonly enc: keyof typeof CONTENT_KEY_BYTES
  /** In base64url: 32 bytes; for `dir` as many as `enc` takes, 16 for `A128GCM`. */
  readonly key: string
}

/** Puts a signed token into an encrypted one, and takes it out again (RFC 7519 §5.2, §11.2). */
export interface NestedJwe {
  seal(jws: string): Promise<string>
  /** The signed token; `undefined` for what is none of ours. */
  open(jwe: string): Promise<string | undefined>
}

/** @throws TypeError that names the option which is wrong, and does not repeat the key. */
export function createNestedJwe({ alg, enc, key: encoded }: SharedKeyEncryption, typ: string): NestedJwe {
  if (!KEY_MANAGEMENT.includes(alg))
    throw new TypeError(`accessTokenEncryption.alg must be one of ${KEY_MANAGEMENT.join(', ')}`)
  if (!Object.hasOwn(CONTENT_KEY_BYTES, enc))
    throw new TypeError(`accessTokenEncryption.enc must be one of ${Object.keys(CONTENT_KEY_BYTES).join(', ')}`)
  const bytes = alg === 'dir' ? CONTENT_KEY_BYTES[enc] : 32
  const key = decodeBase64Url(String(encoded))
  if (key?.length !== bytes)
    throw new TypeError(`accessTokenEncryption.key must be ${bytes} bytes in base64url for ${alg}`)
  const header = { alg, enc, cty: 'JWT', typ }
  // Every token of ours begins alike: what does not is not decrypted, whatever its header asks for.
  const beginning = `${encodeBase64Url(JSON.stringify(header))}.`
  return {
    async seal(jws) {
      const { CompactEncrypt } = await loadedJose()
      return new CompactEncrypt(Buffer.from(jws, 'latin1')).setProtectedHeader(header).encrypt(key)
    },
    async open(jwe) {
      if (!jwe.startsWith(beginning) || jwe.split('.').some((segment) => decodeBase64Url(segment) === undefined))
        return undefined
      const { compactDecrypt } = await loadedJose()
      try {
        const { plaintext } = await compactDecrypt(jwe, key)
        return Buffer.from(plaintext).toString('latin1')
      } catch {
        return undefined
      }
    },
  }
}

/** A store in memory, or a cache, hands out the same resource again and again. */
const imported = new WeakMap<PublicKeyEncryption, KeyObject>()

function publicKeyOf(encryption: PublicKeyEncryption): KeyObject {
  const key = imported.get(encryption) ?? importPublicKey(encryption.key)
  imported.set(encryption, key)
  return key
}

/**
 * Puts a signed token into one that is encrypted to the public key of an API: nobody but the API takes it out again.
 *
 * @throws when the key is none that the algorithm can use.
 */
export async function sealTo(encryption: PublicKeyEncryption, jws: string, typ: string): Promise<string> {
  const { alg, enc, key } = encryption
  const { kid } = key
  const { CompactEncrypt } = await loadedJose()
  return new CompactEncrypt(Buffer.from(jws, 'latin1'))
    .setProtectedHeader({ alg, enc, cty: 'JWT', typ, ...(kid !== undefined && { kid }) })
    .encrypt(publicKeyOf(encryption))
}

/** Whether a value looks like a token that {@link sealTo} made. Anybody can make one that does. */
export function isSealedToAnApi(token: string, typ: string): boolean {
  const segments = token.split('.')
  if (segments.length !== 5) return false
  try {
    const header = parseStrictJson(Buffer.from(segments[0] ?? '', 'base64url').toString())
    if (typeof header !== 'object' || header === null || Array.isArray(header)) return false
    const { alg, cty, typ: type } = header as Readonly<Record<string, unknown>>
    return type === typ && cty === 'JWT' && KEY_ENCRYPTION_ALGORITHMS.some((known) => known === alg)
  } catch {
    return false
  }
}
