import type { JsonObject, JsonValue } from '@latchkey/core'
import { type CryptoKey, importJWK } from 'jose'
import { isSameAlgorithm, SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from './signature-algorithm.ts'

/** The keys of an issuer at one moment. */
export interface KeySet {
  /** The keys that may have signed so: none, one, or several where an issuer gave one id twice. */
  find(keyId: string, algorithm: SignatureAlgorithm): Promise<readonly CryptoKey[]>
}

/** More than any issuer has at once; a longer list is not looked at. */
const MAX_KEYS = 100

/** RFC 8725 §3.5 and RFC 7518 §3.3: a shorter key is no key. */
const MIN_RSA_BITS = 2048

/**
 * Reads a key set (RFC 7517 §5). A key in it that cannot be used is passed over, so that one strange key does no harm to the
 * others: one of an unknown type, a shared secret, or one that shows its private part, which is nobody's secret any more.
 *
 * @throws TypeError when it is no key set.
 */
export function readKeySet(document: JsonObject): KeySet {
  const { keys } = document
  if (!Array.isArray(keys)) throw new TypeError('keys is no list')
  if (keys.length > MAX_KEYS) throw new TypeError(`the list has more than ${MAX_KEYS} keys`)
  const usable = keys.filter(isPublicSigningKey)
  const imported = new Map<string, Promise<readonly CryptoKey[]>>()

  return {
    find(keyId, algorithm) {
      const candidates = usable.filter((key) => key['kid'] === keyId && fits(key, algorithm))
      if (candidates.length === 0) return Promise.resolve([])
      // Both are of the set, and not of the token, from here on: strangers cannot make this map grow.
      const name = `${algorithm} ${keyId}`
      const known = imported.get(name) ?? importAll(candidates, algorithm)
      imported.set(name, known)
      return known
    },
  }
}

function isPublicSigningKey(key: JsonValue): key is JsonObject {
  if (typeof key !== 'object' || key === null || Array.isArray(key)) return false
  const { use, key_ops, d, k } = key as JsonObject
  if (d !== undefined || k !== undefined) return false
  if (use !== undefined && use !== 'sig') return false
  return key_ops === undefined || (Array.isArray(key_ops) && key_ops.includes('verify'))
}

/** One key, one algorithm (RFC 8725 §3.1): where the key names its algorithm no other will do. */
function fits(key: JsonObject, algorithm: SignatureAlgorithm): boolean {
  const { kty, crv } = SIGNATURE_ALGORITHMS[algorithm]
  if (key['kty'] !== kty || (crv !== undefined && key['crv'] !== crv)) return false
  return key['alg'] === undefined || isSameAlgorithm(key['alg'], algorithm)
}

async function importAll(keys: readonly JsonObject[], algorithm: SignatureAlgorithm): Promise<readonly CryptoKey[]> {
  const results = await Promise.allSettled(keys.map((key) => importJWK({ ...key }, algorithm)))
  return results.flatMap((result) =>
    result.status === 'fulfilled' && !(result.value instanceof Uint8Array) && isStrong(result.value)
      ? [result.value]
      : [],
  )
}

function isStrong({ algorithm }: CryptoKey): boolean {
  const { modulusLength } = algorithm as { readonly modulusLength?: number }
  return modulusLength === undefined || modulusLength >= MIN_RSA_BITS
}
