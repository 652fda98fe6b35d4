import type { JsonObject } from './json-value.ts'
import { jsonTextOf, PROTECTED_CLAIMS, textsIn } from './protected-claims.ts'
import { isKeepable } from './text.ts'

/** So many characters of JSON leave room for the rest of a token. */
const MAX_CLAIMS_LENGTH = 2048

/** What is wrong with claims that a registration puts into each of its tokens. */
export function* problemsOfClaims(claims: JsonObject): Generator<string> {
  const text = jsonTextOf(claims)
  if (text === undefined || !textsIn(claims).every(isKeepable)) yield 'claims must be a JSON object of well-formed text'
  else if (text.length > MAX_CLAIMS_LENGTH) yield `claims must be at most ${MAX_CLAIMS_LENGTH} characters of JSON`
  else
    for (const name of Object.keys(claims))
      if (PROTECTED_CLAIMS.has(name)) yield `claims must not hold "${name}": the server sets it`
}
