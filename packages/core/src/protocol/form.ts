import { OAuthError } from '../errors.ts'

/** The parameters of an `application/x-www-form-urlencoded` body. */
export interface Form {
  /** The value of a parameter; `undefined` where it is missing or empty (RFC 6749 §3.2). */
  get(name: string): string | undefined
  /** All values, for the parameters that may repeat (RFC 8707 §2: `resource`). */
  getAll(name: string): readonly string[]
}

/** Limits beyond which a body is refused: no client needs them, and no two parsers may disagree about what lies beyond. */
const MAX_PARAMETERS = 100
const MAX_NAME_LENGTH = 64
const MAX_VALUE_BYTES = 16 * 1024

/**
 * Every parameter that we understand and that RFC 6749 §3.2 therefore allows once. Unknown ones are ignored, repeated or
 * not (erratum 5708); `resource` and `audience` may repeat.
 */
const SINGLE_VALUED: ReadonlySet<string> = new Set([
  'grant_type',
  'scope',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'token',
  'token_type_hint',
  'requested_token_type',
])

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const utf8Encoder = new TextEncoder()

/**
 * Reads a form as RFC 6749 Appendix B writes it: percent-encoded UTF-8, strictly. Common parsers repair what is malformed
 * and choose among what is repeated; two programs that repair differently see two different requests, so here it is refused.
 *
 * @throws OAuthError `invalid_request` for malformed escapes, invalid UTF-8, a repeated parameter, or too much of anything.
 */
export function parseForm(body: Uint8Array | string): Form {
  const text = textOf(body)
  const names: string[] = []
  const values: string[] = []
  let parameters = 0
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    const ampersand = text.indexOf('&', start)
    end = ampersand === -1 ? text.length : ampersand
    if (end === start) continue
    parameters += 1
    if (parameters > MAX_PARAMETERS) throw malformed('too many parameters')
    const pair = text.slice(start, end)
    const equals = pair.indexOf('=')
    const name = decoded(equals === -1 ? pair : pair.slice(0, equals))
    const value = decoded(equals === -1 ? '' : pair.slice(equals + 1))
    if (name.length > MAX_NAME_LENGTH || isTooLong(value)) throw malformed('a parameter is too long')
    if (value === '') continue
    if (names.includes(name) && SINGLE_VALUED.has(name)) throw malformed('a parameter is repeated')
    names.push(name)
    values.push(value)
  }
  // A handful of them, so that to look through them costs less than to put them in a map.
  return {
    get(name) {
      const index = names.indexOf(name)
      // The engine looks long for what stands in no place at all.
      return index === -1 ? undefined : values[index]
    },
    getAll: (name) => (names.includes(name) ? values.filter((_, index) => names[index] === name) : NO_VALUES),
  }
}

const NO_VALUES: readonly string[] = Object.freeze([])

/** A form that a program fills by itself, for requests that never were bytes. */
export function formOf(parameters: Readonly<Record<string, string | undefined>>): Form {
  const values = new Map(Object.entries(parameters))
  const get = (name: string): string | undefined => values.get(name) || undefined
  return { get, getAll: (name) => [get(name) ?? []].flat() }
}

/** A pattern: for a text that is to be replaced the engine first looks whether it has a way of its own. */
const PLUS = /\+/g

/** Decodes one name or value: `+` is a space, `%XX` are bytes of UTF-8. `undefined` when it is malformed. */
export function decodeFormComponent(text: string): string | undefined {
  const spaced = text.includes('+') ? text.replace(PLUS, ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return undefined
  }
}

function textOf(body: Uint8Array | string): string {
  if (typeof body === 'string') {
    // Half of a pair of surrogates is no character: no UTF-8 can have said it.
    if (!body.isWellFormed()) throw malformed('the body is not Unicode')
    return body
  }
  try {
    return utf8.decode(body)
  } catch {
    throw malformed('the body is not UTF-8')
  }
}

function decoded(text: string): string {
  const value = decodeFormComponent(text)
  if (value === undefined) throw malformed('a percent escape is malformed')
  return value
}

/** A UTF-16 code unit is at most three bytes of UTF-8, so most values need no counting. */
const isTooLong = (value: string): boolean =>
  value.length * 3 > MAX_VALUE_BYTES && utf8Encoder.encode(value).length > MAX_VALUE_BYTES

const malformed = (reason: string): OAuthError =>
  new OAuthError('invalid_request', 'the body is not a well-formed form', {
    reason,
  })
