import { MAX_KEYS, problemsOfRegisteredKey, type RegisteredKey, registeredKeyOf } from '../domain/registered-key.ts'
import { parseStrictJson } from '../protocol/strict-json.ts'

/** How keys of a SPIFFE bundle say that they sign the tokens of workloads: the same as `sig` here. */
const USE_OF_SPIFFE = 'jwt-svid'

/**
 * The keys in a JWK Set that verify signatures. RFC 7517 §5: what is not understood, or cannot be used, is ignored.
 *
 * @returns why it is no such set, for the operator; it holds nothing of the text.
 */
export function readKeySet(text: string): readonly RegisteredKey[] | string {
  const keys = keysIn(text)
  if (keys === undefined) return 'it is no JWK Set'
  if (keys.length > MAX_KEYS) return `it has more than ${MAX_KEYS} keys`
  return keys.map(withUsualUse).filter(isUsable).map(registeredKeyOf)
}

function keysIn(text: string): readonly unknown[] | undefined {
  try {
    const { keys } = parseStrictJson(text) as { readonly keys?: unknown }
    return Array.isArray(keys) ? keys : undefined
  } catch {
    return undefined
  }
}

const withUsualUse = (key: unknown): unknown =>
  typeof key === 'object' && key !== null && (key as { readonly use?: unknown }).use === USE_OF_SPIFFE
    ? { ...key, use: 'sig' }
    : key

const isUsable = (key: unknown): key is RegisteredKey => problemsOfRegisteredKey(key).next().done === true
