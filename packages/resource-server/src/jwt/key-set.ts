import {
  type JsonObject,
  type JsonValue,
  type PublicKeyMembers,
  type SigningAlgorithm,
  type VerificationKey,
  verificationKeyOf,
} from '@latchkey/core'

/** The keys of an issuer at one moment. */
export interface KeySet {
  /** The key that may have signed so, if there is one. Of several with one id, any of them may have. */
  find(keyId: string, algorithm: SigningAlgorithm): VerificationKey | undefined
}

/** More than any issuer has at once; a longer list is not looked at. */
const MAX_KEYS = 100

/** The members that make a public key of each type (RFC 7518 §6.2.1, §6.3.1, RFC 8037 §2). */
const MEMBERS = ['kty', 'crv', 'x', 'y', 'n', 'e'] as const

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
  const found = new Map<string, VerificationKey | undefined>()

  return {
    find(keyId, algorithm) {
      const candidates = usable.filter((key) => key['kid'] === keyId && isFor(key, algorithm))
      if (candidates.length === 0) return undefined
      // Both are of the set, and not of the token, from here on: strangers cannot make this map grow.
      const name = `${algorithm} ${keyId}`
      if (!found.has(name)) found.set(name, anyOf(candidates, algorithm))
      return found.get(name)
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

/** One key, one algorithm (RFC 8725 §3.1), and RFC 9864 renames `EdDSA` over Ed25519. Whether the key fits it is seen later. */
function isFor({ alg }: JsonObject, algorithm: SigningAlgorithm): boolean {
  if (alg === undefined || alg === algorithm) return true
  return (alg === 'EdDSA' && algorithm === 'Ed25519') || (alg === 'Ed25519' && algorithm === 'EdDSA')
}

function anyOf(jwks: readonly JsonObject[], alg: SigningAlgorithm): VerificationKey | undefined {
  const keys = jwks.flatMap((jwk) => {
    try {
      return [verificationKeyOf(alg, publicMembersOf(jwk))]
    } catch {
      return []
    }
  })
  if (keys.length <= 1) return keys[0]
  return {
    alg,
    async verify(data, signature) {
      const answers = await Promise.all(keys.map((key) => key.verify(data, signature)))
      return answers.includes(true)
    },
  }
}

const publicMembersOf = (jwk: JsonObject): PublicKeyMembers =>
  Object.fromEntries(MEMBERS.flatMap((name) => (typeof jwk[name] === 'string' ? [[name, jwk[name]]] : [])))
