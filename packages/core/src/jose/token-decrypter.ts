import { importPrivateKey, type KeyObject, publicMembersOf } from '../crypto.ts'
import type { JsonObject } from '../domain/json-value.ts'
import {
  CONTENT_ENCRYPTION_ALGORITHMS,
  type KeyEncryptionAlgorithm,
  problemsOfEncryption,
} from '../domain/token-encryption.ts'
import { parseStrictJson } from '../protocol/strict-json.ts'
import { decodeBase64Url } from './base64url.ts'
import { loadedJose } from './loaded-jose.ts'

/** Takes signed tokens out of encrypted ones, for an API with a key pair of its own. */
export interface TokenDecrypter {
  /** The signed token, yet to be verified; `undefined` for what is no token that was encrypted to one of the keys. */
  decrypt(jwe: string): Promise<string | undefined>
}

interface DecryptionKey {
  readonly kid: string | undefined
  readonly alg: KeyEncryptionAlgorithm
  readonly key: KeyObject
}

/** What may stand in the header: nothing that asks for compression, an extension, or a key that comes with the token. */
const MEMBERS = ['alg', 'enc', 'typ', 'cty', 'kid', 'epk', 'apu', 'apv']
const ACCESS_TOKEN = /^(?:application\/)?at\+jwt$/i
const NESTED = /^(?:application\/)?jwt$/i

/**
 * Makes a decrypter of private keys, each a JWK of the type RSA, for `RSA-OAEP-256`, or EC, for `ECDH-ES+A256KW`. Several are
 * told apart by their `kid`; one without serves every token of its algorithm.
 *
 * @throws TypeError that names the key by its place, and repeats nothing of it.
 */
export function createTokenDecrypter(jwks: readonly JsonObject[]): TokenDecrypter {
  if (!Array.isArray(jwks) || jwks.length === 0)
    throw new TypeError('decryptionKeys must be a list of at least one JWK')
  const keys = jwks.map(readKey)
  return {
    async decrypt(jwe) {
      const header = headerOf(jwe)
      if (header === undefined) return undefined
      const { kid } = header
      for (const key of keys) {
        if (key.alg !== header['alg'] || (kid !== undefined && key.kid !== undefined && key.kid !== kid)) continue
        const jws = await opened(jwe, key)
        if (jws !== undefined) return jws
      }
      return undefined
    },
  }
}

async function opened(jwe: string, { alg, key }: DecryptionKey): Promise<string | undefined> {
  const { compactDecrypt } = await loadedJose()
  try {
    const { plaintext } = await compactDecrypt(jwe, key, {
      keyManagementAlgorithms: [alg],
      contentEncryptionAlgorithms: [...CONTENT_ENCRYPTION_ALGORITHMS],
    })
    return Buffer.from(plaintext).toString('latin1')
  } catch {
    return undefined
  }
}

/** The header of what may be a token for an API, read strictly: one way to write each token. */
function headerOf(jwe: string): JsonObject | undefined {
  const segments = jwe.split('.').map(decodeBase64Url)
  const [first] = segments
  if (segments.length !== 5 || first === undefined || segments.includes(undefined)) return undefined
  try {
    const header = parseStrictJson(Buffer.from(first).toString())
    if (typeof header !== 'object' || header === null || Array.isArray(header)) return undefined
    const { typ, cty } = header as JsonObject
    const isNested = typeof cty === 'string' && NESTED.test(cty)
    const isAccessToken = typeof typ === 'string' && ACCESS_TOKEN.test(typ)
    const isPlain = Object.keys(header).every((name) => MEMBERS.includes(name))
    return isNested && isAccessToken && isPlain ? (header as JsonObject) : undefined
  } catch {
    return undefined
  }
}

function readKey(jwk: JsonObject, index: number): DecryptionKey {
  const fault = (problem: string): TypeError => new TypeError(`decryptionKeys[${index}] ${problem}`)
  const isKey = typeof jwk === 'object' && jwk !== null && typeof jwk['d'] === 'string'
  if (!isKey) throw fault('must be a private key as a JWK')
  const alg = jwk['kty'] === 'EC' ? 'ECDH-ES+A256KW' : 'RSA-OAEP-256'
  const key = importedOf(jwk, fault)
  const { alg: named, use, kid } = jwk
  const members = { ...publicMembersOf(key), alg: named, use, kid }
  for (const problem of problemsOfEncryption({ alg, enc: 'A256GCM', key: members }))
    throw fault(problem.replace(/^accessTokenEncryption\.key /, ''))
  return { kid: kid as string | undefined, alg, key }
}

function importedOf(jwk: JsonObject, fault: (problem: string) => TypeError): KeyObject {
  try {
    return importPrivateKey(jwk)
  } catch {
    // What the library says of a key may quote it.
    throw fault('cannot be read: it must be a JWK of the type RSA or EC')
  }
}
