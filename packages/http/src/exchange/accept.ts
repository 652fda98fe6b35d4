import { OAuthError } from '@latchkey/core'

/** How an answer of introspection may be written: as JSON, or as a JWT that the server has signed (RFC 9701 §4). */
export type IntrospectionFormat = 'json' | 'jwt'

const JSON_TYPE = 'application/json'
const JWT_TYPE = 'application/token-introspection+jwt'

const QUALITY = /^q=(?<value>0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i

/**
 * What the sender of a request would rather have (RFC 9110 §12.5.1). JSON, unless a JWT can be had, is asked for by its full
 * name and is wanted more: a wildcard was written by nobody who expects a JWT.
 *
 * @throws OAuthError `invalid_request` with status 406 when it takes nothing that there is.
 */
export function introspectionFormat(accept: string | undefined, canSign: boolean): IntrospectionFormat {
  if (accept === undefined) return 'json'
  const json = qualityOf(JSON_TYPE, accept)
  const jwt = canSign && accept.toLowerCase().includes(JWT_TYPE) ? qualityOf(JWT_TYPE, accept) : 0
  if (jwt > json) return 'jwt'
  if (json > 0) return 'json'
  const types = canSign ? `${JSON_TYPE} or ${JWT_TYPE}` : `${JSON_TYPE} only`
  throw new OAuthError('invalid_request', `the answer is ${types}`, { status: 406 })
}

/** The weight of a media type: the most exact range that takes it decides. */
function qualityOf(type: string, accept: string): number {
  let exactness = 0
  let quality = 0
  let named = false
  for (const element of accept.split(',')) {
    const [range = '', ...parameters] = element.split(';').map((part) => part.trim())
    if (range === '') continue
    named = true
    const exact = exactnessOf(range.toLowerCase(), type)
    if (exact === 0 || exact < exactness) continue
    // Of two ranges that are as exact as each other, the kinder one counts.
    quality = exact === exactness ? Math.max(quality, weightOf(parameters)) : weightOf(parameters)
    exactness = exact
  }
  // A field that names nothing excludes nothing.
  return named ? quality : 1
}

/** How exactly a range names a type; 0 where it does not. */
function exactnessOf(range: string, type: string): number {
  if (range === type) return 3
  if (range === 'application/*') return 2
  return range === '*/*' ? 1 : 0
}

/** 1 where none is given; a malformed one is no reason to withhold an answer. */
function weightOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const value = QUALITY.exec(parameter)?.groups?.['value']
    if (value !== undefined) return Number(value)
  }
  return 1
}
