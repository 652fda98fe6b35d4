import type { JsonObject, JsonValue } from './json-value.ts'

/** The claims that only the server sets, and the two members that introspection adds (RFC 7519 §4.1, RFC 9068 §2.2, RFC 7662 §2.2). */
export const PROTECTED_CLAIMS: ReadonlySet<string> = new Set([
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'client_id',
  'scope',
  'cnf',
  'status',
  'act',
  'may_act',
  'active',
  'token_type',
])

/** The JSON text of a value, if it is an object of JSON and of nothing that JSON would leave out or change without a word. */
export function jsonTextOf(value: unknown): string | undefined {
  if (!describesJsonObject(value)) return undefined
  try {
    return JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, name, member: unknown) {
      // What the holder holds is looked at too: `toJSON` has made something else of it by now, a text of a date for one.
      if (!isJson(member) || this[name] !== member) throw new TypeError('not JSON')
      return member
    })
  } catch {
    return undefined
  }
}

/** Every text in a value, names of members included. */
export function textsIn(value: JsonValue): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => [name, ...textsIn(member)])
}

/** The claims of two sources, of which the second goes first. */
export const joinedClaims = (first: JsonObject | undefined, second: JsonObject | undefined): JsonObject | undefined =>
  first === undefined || second === undefined ? (second ?? first) : { ...first, ...second }

const describesJsonObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === '[object Object]'

const isJson = (value: unknown): boolean =>
  value === null ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  (typeof value === 'string' && value.isWellFormed()) ||
  Array.isArray(value) ||
  describesJsonObject(value)
